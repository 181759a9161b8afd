/** Our network against CGCNN in PyTorch, whose environment takes gigabytes: apart from the surrogate's own benchmark. */
export { run } from './surrogate/peer.ts';
export { backend } from './surrogate.ts';
