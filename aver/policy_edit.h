/* aver/policy_edit.h - a policy's text with single values changed, for tests that ask "and if the deductible were met?". */
#ifndef AVER_AVER_POLICY_EDIT_H
#define AVER_AVER_POLICY_EDIT_H

#include "base/arena.h"

struct aver_policy_edit {
    aver_bytes name;  /* of a ${name=default}, or a dotted path: "deductible.in_network.individual" */
    aver_bytes value; /* as it stands in YAML; absent: the key is taken out */
};

/* The text with each ${name=default} replaced, by its edit or its default, and each path of an edit set or taken out. The
 * result lies in the arena. AVER_E_NOT_FOUND POLICY-EDIT: the policy has no such name; AVER_E_INPUT POLICY-EDIT: the value
 * cannot be changed there, or YAML-*. */
AVER_MUST_CHECK aver_err aver_policy_edit(aver_bytes *out, const char *file, aver_bytes yaml,
                                          const struct aver_policy_edit *edits, size_t count,
                                          struct aver_arena *arena, struct aver_why *why);

#endif
