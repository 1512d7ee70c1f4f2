/* aver/verbs.h - the rows of the verb table (main.c), each defined with its function. */
#ifndef AVER_AVER_VERBS_H
#define AVER_AVER_VERBS_H

#include "aver/command.h"

extern const struct aver_verb aver_verb_init;
extern const struct aver_verb aver_verb_key_new, aver_verb_key_show, aver_verb_key_revoke,
    aver_verb_key_rotate;
extern const struct aver_verb aver_verb_party_add, aver_verb_party_list, aver_verb_party_revoke;

#endif
