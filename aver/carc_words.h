/* aver/carc_words.h - claim adjustment reason codes in short words of our own. The code list and its official texts are
 * X12's; only the numbers are used here. */
#ifndef AVER_AVER_CARC_WORDS_H
#define AVER_AVER_CARC_WORDS_H

#include "base/bytes.h"

/* Never NULL, also for a code that is not in the table. */
const char *aver_carc_words(aver_bytes carc);
/* Whether the code is in the table. */
bool aver_carc_known(aver_bytes carc);
/* Who bears an amount of this group (enum aver_group), as a sentence's end. */
const char *aver_group_words(uint64_t group);

#endif
