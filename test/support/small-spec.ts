/** The demo's campaign, small enough for a test: a few dozen labels and several learning rounds. */
export function smallSpec({ name = 'small', labels = 40, everyLabels = 12 } = {}): string {
  return `
name: ${name}
question: Which phases of copper and gold are stable?
seed: 3
space:
  elements: [Cu, Au]
  elementsPerCrystal: { min: 2, max: 2 }
  atoms: { min: 2, max: 6 }
objective:
  kind: hull
  energyAboveHull: { max: 10 meV/atom }
generators: [diffusion, substitution]
executor:
  name: emt
  slots: 2
  deadline: 30 s
budget:
  labels: ${labels}
learning:
  everyLabels: ${everyLabels}
  staleLabels: ${everyLabels}
  members: 2
  generatorEveryLabels: 24
`;
}
