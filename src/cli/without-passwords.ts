/**
 * From the colon after the user of a URL to the last at sign of the line: a password that was typed in may hold anything. A
 * URL that was taken for a path may have lost a slash.
 */
const URL_PASSWORD = /([a-z][\w+.-]*:\/+[^\s:@/]*):.*@/gi

/**
 * The text without the passwords of URLs. No message of ours quotes the URL of a master, but one that was given in the
 * wrong place, as a table or a file, is quoted like any table or file.
 */
export function withoutPasswords(text: string): string {
  return text.replaceAll(URL_PASSWORD, '$1:…@')
}
