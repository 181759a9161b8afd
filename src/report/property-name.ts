/** Units as they end property names, longest first where one ends another. */
const SUFFIXES: readonly (readonly [suffix: string, unit: string])[] = [
  ['MevPerAtom', 'meV/atom'],
  ['EvPerAtom', 'eV/atom'],
  ['EvPerAngstrom3', 'eV/Å³'],
  ['EvPerAngstrom', 'eV/Å'],
  ['Angstrom3PerAtom', 'Å³/atom'],
  ['Angstrom3', 'Å³'],
  ['Angstrom2', 'Å²'],
  ['Angstrom', 'Å'],
  ['CoreSeconds', 'core-s'],
  ['MuBPerAtom', 'µB/atom'],
  ['MuB', 'µB'],
  ['GramPerCm3', 'g/cm³'],
  ['Thz', 'THz'],
  ['Gpa', 'GPa'],
  ['GPa', 'GPa'],
  ['Mev', 'meV'],
  ['Ev', 'eV'],
  ['Kelvin', 'K'],
  ['Seconds', 's'],
];

/** Reads 'formationEnergyEvPerAtom' as 'formation energy' in 'eV/atom'. A name without a unit is taken as it is. */
export function readProperty(name: string): { readonly title: string; readonly unit: string } {
  const [suffix, unit] = SUFFIXES.find(([end]) => name.endsWith(end)) ?? ['', ''];
  const title = name
    .slice(0, name.length - suffix.length)
    .replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll('_', ' ');
  return { title: title || name, unit };
}

/** 'formation energy (eV/atom)', or the bare title where the name holds no unit. */
export function axisTitle(name: string): string {
  const { title, unit } = readProperty(name);
  const capital = title.charAt(0).toUpperCase() + title.slice(1);
  return unit ? `${capital} (${unit})` : capital;
}
