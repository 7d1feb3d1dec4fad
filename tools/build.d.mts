/** Whether dist/ is newer than its sources. */
export function fresh(): boolean;
/** Makes dist/web-verifier/verify.html alone. */
export function buildVerifier(esbuild: typeof import('esbuild')): Promise<void>;
export function build(options?: { quiet?: boolean }): Promise<void>;
