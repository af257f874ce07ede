import { carriesOut, casesByNodes, isUsual } from '../lib/cases.js'

// the others are in cases-more-nodes.test.ts
for (const lab of casesByNodes().filter(isUsual)) carriesOut(lab, 't-cases', 23_000)
