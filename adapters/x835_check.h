/* adapters/x835_check.h - reads the bytes of an 835 again and says whether they balance.
 *
 * Independent of the writer and of the 837 reader: a tokenizer of its own, so that one mistake is not made twice. It
 * accepts anybody's 835: delimiters from the ISA, line ends and spaces around segments, several interchanges, groups and
 * sets in one file. It allocates nothing and keeps no more than counters. */
#ifndef AVER_ADAPTERS_X835_CHECK_H
#define AVER_ADAPTERS_X835_CHECK_H

#include "base/bytes.h"

#define AVER_X835_FILE_MAX     (UINT64_C(100) << 20) /* bytes */
#define AVER_X835_ELEMENTS_MAX 32                    /* of one segment; the largest of an 835, MIA, has 24 */
#define AVER_X835_REASONS_MAX                                                                                \
    256 /* distinct (group, reason) of one line or claim; the guide allows 99 CAS of one group */

struct aver_x835_totals {
    uint64_t interchanges, sets, claims, lines;
    int64_t payment;  /* cents, the sum of BPR02 */
    int64_t paid;     /* cents, the sum of CLP04 */
    int64_t provider; /* cents, the sum of the PLB amounts */
};

/* The first fault found. AVER_E_INPUT where the form is wrong, AVER_E_DIFFERS where an amount does not balance,
 * AVER_E_LIMIT past a bound above. `place`: "segment 17 (CLP), ST 0001, claim PCN-1". The codes:
 *   X835-FORM      no ISA of 106 bytes, a segment without terminator, an id that is no segment id
 *   X835-LIMIT     a bound above
 *   X835-ENVELOPE  GS, ST, SE, GE or IEA missing, doubled or out of place
 *   X835-COUNT     SE01, GE01 or IEA01 is not the number counted
 *   X835-CONTROL   SE02, GE02 or IEA02 is not the number of its opening segment
 *   X835-MISSING   a segment that the guide requires is not there, or a required element is empty
 *   X835-ORDER     a segment of the header, a claim or a line stands outside it
 *   X835-AMOUNT    an amount that is no decimal of at most two places, or too large
 *   X835-LINE      SVC02 - sum of the line's CAS is not SVC03
 *   X835-CLAIM     CLP03 - sum of the CAS of the claim and its lines is not CLP04
 *   X835-CHARGE    lines are sent, and the sum of SVC02 is not CLP03
 *   X835-PATIENT   CLP05 is not the sum of the PR adjustments (not asked of a reversal, CLP02 = 22: X12 RFI 2548)
 *   X835-PAYMENT   sum of CLP04 - sum of PLB amounts is not BPR02
 *   X835-NEGATIVE  BPR02 is below zero (X12 RFI 222: it is carried forward by PLB FB)
 *   X835-ZERO      an adjustment of zero
 *   X835-TWICE     one reason twice in one group of one line or claim */
AVER_MUST_CHECK aver_err aver_x835_check(aver_bytes file, struct aver_x835_totals *totals,
                                         struct aver_why *why);

#endif
