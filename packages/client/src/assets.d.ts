declare module "*/web/assets/puzzle.js" {
  export function solve(challenge: string, index: number, difficulty: number): number;
}
