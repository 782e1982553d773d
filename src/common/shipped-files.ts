/** Files that the package ships besides its code, by name. */
export interface ShippedFiles {
  /** Version in `package.json`. */
  readonly version: string;
  /** Templates of the pages, such as `start.html`. */
  readonly templates: Readonly<Record<string, string>>;
  /** The pages' stylesheet and script. */
  readonly assets: Readonly<Record<string, string>>;
  /** English texts by key. */
  readonly english: Readonly<Record<string, string>>;
  /** Returns the texts of all other languages, by tag and key. Unpacks them once per process. */
  unpackLanguages(): Readonly<Record<string, Readonly<Record<string, string>>>>;
}
