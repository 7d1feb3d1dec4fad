// A CV screening assistant, release 1.2.0: a deterministic scorer for the post "data analyst". It reads the name (if it
// is there) off the head of the application, never scores it, and calls nothing outside this file.

const WEIGHTS = { years: 5, degree: 20, skill: 8 };
const SKILLS = ['sql', 'python', 'statistics', 'dashboards', 'excel'];

/**
 * The body of an application without its head. The head is the name, or a title line and then the name.
 * A first line that does not look like a name is taken for a title. THE WEAKNESS OF THIS RELEASE sits here: a name of
 * more than three parts does not look like one, so the first line of the CV is thrown away as the name after the title.
 */
function body(lines) {
  const looksLikeName = /^\p{Lu}[\p{L}'’-]+( \p{Lu}[\p{L}'’-]+){1,2}$/u.test(lines[0] ?? '');
  return lines.slice(looksLikeName ? 1 : 2);
}

/** Score (0 to 100), recommendation and reasons for one application. */
export function screen(application) {
  const lines = application.split('\n').map((line) => line.trim());
  const text = body(lines.filter((line) => line !== '')).join('\n');
  const years = Number(/Experience: (\d+) years/.exec(text)?.[1] ?? 0);
  const degree = /Education: .*\b(BSc|MSc|PhD)\b/.test(text);
  const stated = /Skills: (.*)/.exec(text)?.[1]?.toLowerCase() ?? '';
  const skills = SKILLS.filter((skill) => stated.includes(skill));
  const score = Math.min(
    100,
    years * WEIGHTS.years + (degree ? WEIGHTS.degree : 0) + skills.length * WEIGHTS.skill,
  );
  return {
    score,
    recommendation: score >= 60 ? 'invite' : score >= 40 ? 'second look' : 'decline',
    reasons: [
      `${years} years of experience`,
      degree ? 'degree' : 'no degree stated',
      `skills: ${skills.join(', ')}`,
    ],
  };
}

export default class HiringScreener {
  id() {
    return 'custom:hiring-screener@1.2.0';
  }

  async callApi(prompt) {
    return {
      output: JSON.stringify(
        screen(prompt.replace(/^Screen this application for the post of data analyst\.\n/, '')),
      ),
    };
  }
}
