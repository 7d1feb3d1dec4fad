import { readGivenKeys } from './keys.ts';
import { verdictOf } from './pack.ts';
import { showVerdict } from './show.ts';

/** The page that verifies an audit pack: one file, no network, plain DOM. */

function part<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

const form = part('form', HTMLFormElement);
const input = part('file', HTMLInputElement);
const keys = part('keys', HTMLTextAreaElement);
const older = part('older', HTMLInputElement);
const keysError = part('keys-error', HTMLElement);
const button = part('verify', HTMLButtonElement);
const working = part('working', HTMLElement);
const bar = part('bar', HTMLProgressElement);
const verdict = part('verdict', HTMLElement);
let chosen: File | undefined;
let run = 0;

function choose(file: File | undefined): void {
  if (!file) return;
  chosen = file;
  part('chosen', HTMLElement).textContent = `${file.name}, ${sizeText(file.size)}`;
  button.disabled = false;
  void verify();
}

const sizeText = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

function givenKeys() {
  keysError.textContent = '';
  keys.removeAttribute('aria-invalid');
  try {
    return readGivenKeys(keys.value);
  } catch (error) {
    keysError.textContent = error instanceof Error ? error.message : String(error);
    keys.setAttribute('aria-invalid', 'true');
    return undefined;
  }
}

async function verify(): Promise<void> {
  const given = givenKeys();
  if (!chosen || !given) return;
  // A pack chosen while another is being checked takes its place.
  const mine = ++run;
  verdict.replaceChildren();
  delete verdict.dataset.state;
  bar.value = 0;
  working.hidden = false;
  const kept = await Promise.all(
    [...(older.files ?? [])].map(async (file) => ({ name: file.name, note: await file.text() })),
  );
  const found = await verdictOf(chosen, {
    keys: given,
    older: kept,
    progress: (done) => {
      if (mine === run) bar.value = done;
    },
  });
  if (mine !== run) return;
  working.hidden = true;
  showVerdict(verdict, chosen.name, found);
  verdict.dataset.state = found.ok ? 'holds' : 'fails';
  verdict.focus();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void verify();
});
input.onchange = () => choose(input.files?.[0]);
older.onchange = () => void verify();
for (const kind of ['dragenter', 'dragover'])
  addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.add('over');
  });
for (const kind of ['dragleave', 'drop'])
  addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.remove('over');
  });
addEventListener('drop', (event) => choose(event.dataTransfer?.files[0]));
