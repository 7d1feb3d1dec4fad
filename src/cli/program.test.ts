import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { asList } from '../register/register.ts';
import { registry } from '../registers/index.ts';
import { Context } from './context.ts';
import { derivedCommands } from './derive.ts';
import { commandName, kebab, optionName } from './names.ts';
import { buildProgram } from './program.ts';
import { run } from './testing/run.ts';

const all = await derivedCommands();

function program(line?: string[]) {
  const stream = () => new PassThrough();
  return buildProgram(
    new Context(
      { stdin: stream(), stdout: stream(), stderr: stream(), env: {}, cwd: '/', home: '/' },
      registry,
    ),
    all,
    line,
  );
}

describe('commands derived from the registers', () => {
  const built = program();
  const command = (...path: string[]) =>
    path.reduce<typeof built | undefined>((c, name) => c?.commands.find((x) => x.name() === name), built);
  const optionsOf = (...path: string[]) => command(...path)!.options.map((o) => o.long);

  it('gives every register its commands, and every field and link an option', () => {
    let registers = 0;
    let options = 0;
    for (const r of registry.all) {
      registers += 1;
      for (const name of ['list', 'show', 'export', 'versions', 'proof'])
        expect(command(commandName(r), name), `${r.name} ${name}`).toBeDefined();
      const byPeople = r.permissions.create.some((w) => w !== 'engine');
      expect(command(commandName(r), 'import') !== undefined, `${r.name} import`).toBe(byPeople);
      const names = [...Object.entries(r.fields), ...Object.entries(r.links)]
        .filter(([, x]) => !x.engine)
        .map(([n]) => n);
      if (byPeople) {
        for (const n of names) {
          options += 1;
          expect(optionsOf(commandName(r), 'add'), `${r.name} add`).toContain(`--${optionName(n)}`);
          expect(optionsOf(commandName(r), 'edit'), `${r.name} edit`).toContain(`--${optionName(n)}`);
        }
      }
      const engineOnly = [...Object.entries(r.fields), ...Object.entries(r.links)]
        .filter(([, x]) => x.engine)
        .map(([n]) => n);
      for (const n of engineOnly)
        if (byPeople) expect(optionsOf(commandName(r), 'add')).not.toContain(`--${kebab(n)}`);
    }
    expect(registers).toBe(registry.all.length);
    expect(registers).toBeGreaterThan(10);
    expect(options).toBeGreaterThan(50);
  });

  it('is the same for whoever reads it when only what the line names is derived', () => {
    expect(program([]).helpInformation()).toBe(built.helpInformation());
    type Program = typeof built;
    const helps = (c: Program): string[] => [c.helpInformation(), ...c.commands.flatMap((s) => helps(s))];
    for (const r of registry.all) {
      const name = commandName(r);
      const narrowed = program(['--org', 'acme', name, 'list']).commands.find((c) => c.name() === name)!;
      expect(helps(narrowed), name).toEqual(helps(command(name)!));
    }
  });

  it('gives every transition of people a sub-command that asks for what the declaration asks for', () => {
    let transitions = 0;
    for (const r of registry.all) {
      for (const [name, t] of Object.entries(r.transitions)) {
        const c = command(commandName(r), kebab(name));
        if (asList(t.by).every((w) => w === 'engine')) {
          expect(c, `${r.name} ${name} is made by the engine alone`).toBeUndefined();
          continue;
        }
        transitions += 1;
        const mandatory = (long: string) => c!.options.find((o) => o.long === long)?.mandatory ?? false;
        expect(mandatory('--reason'), `${r.name} ${name} reason`).toBe(t.reason ?? false);
        expect(mandatory('--until'), `${r.name} ${name} until`).toBe(t.until !== undefined);
        expect(c!.options.some((o) => o.long === '--password-stdin')).toBe(t.signed ?? false);
        for (const n of t.requires ?? [])
          expect(c!.options.map((o) => o.long)).toContain(`--${optionName(n)}`);
      }
    }
    expect(transitions).toBeGreaterThan(20);
  });

  it('never gives one command two options of a name, nor one group two commands of a name', () => {
    let looked = 0;
    const look = (c: typeof built) => {
      looked += 1;
      const longs = c.options.map((o) => o.long);
      expect(new Set(longs).size, c.name()).toBe(longs.length);
      const names = c.commands.map((x) => x.name());
      expect(new Set(names).size, c.name()).toBe(names.length);
      c.commands.forEach(look);
    };
    look(built);
    expect(looked).toBeGreaterThan(100);
  });
});

describe('help and wrong usage', () => {
  it('lists every register and start', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const r of registry.all) expect(out).toContain(`  ${commandName(r)} `);
    for (const name of ['start', 'login', 'logout', 'whoami', 'gate', 'proof', 'verify', 'log'])
      expect(out).toContain(`  ${name} `);
    expect((await run([])).out).toBe(out);
  });

  it('takes help texts from the declaration', async () => {
    const risk = registry.get('risk');
    const { out } = await run(['risk', 'assess', '--help']);
    expect(out).toContain('Who may: the owner of the record');
    expect(out).toContain('--likelihood <n>');
    expect((await run(['risk', '--help'])).out.replace(/\s+/g, ' ')).toContain(
      risk.purpose.replace(/\s+/g, ' '),
    );
  });

  it('suggests the command that was meant, with exit code 2', async () => {
    const wrong = await run(['risc', 'list']);
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toContain('Did you mean risk?');
    const sub = await run(['risk', 'asess', 'RSK-0001']);
    expect(sub.code).toBe(2);
    expect(sub.err).toContain('Did you mean assess?');
  });

  it('refuses a wrong choice and a missing option before asking any server', async () => {
    const choice = await run(['risk', 'add', '--treatment', 'ignore']);
    expect(choice.code).toBe(2);
    expect(choice.err).toContain('Allowed choices are modify, retain, avoid, share');
    const reason = await run(['release', 'withdraw', 'REL-0001']);
    expect(reason.code).toBe(2);
    expect(reason.err).toContain('--reason');
  });

  it('tells its version', async () => {
    const { code, out } = await run(['--version']);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+/);
  });
});
