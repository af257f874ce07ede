import { carriesOut, casesByNodes, isUsual } from '../lib/cases.js'

// one lab after the other
for (const lab of casesByNodes().filter((one) => !isUsual(one))) carriesOut(lab, 't-cases-more', 21_500)
