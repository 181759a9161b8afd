export { campaign } from './campaign.ts';
export { evaluation } from './evaluation.ts';
export { learning } from './learning.ts';
