/* aver/verbs.h - the rows of the verb table (main.c), each defined with its function. */
#ifndef AVER_AVER_VERBS_H
#define AVER_AVER_VERBS_H

#include "aver/command.h"

extern const struct aver_verb aver_verb_init;
extern const struct aver_verb aver_verb_key_new, aver_verb_key_show, aver_verb_key_revoke,
    aver_verb_key_rotate;
extern const struct aver_verb aver_verb_party_add, aver_verb_party_list, aver_verb_party_revoke;
extern const struct aver_verb aver_verb_contract_check, aver_verb_contract_deploy;
extern const struct aver_verb aver_verb_contract_new, aver_verb_contract_test, aver_verb_contract_cover,
    aver_verb_contract_gas, aver_verb_contract_trace, aver_verb_contract_diff;
extern const struct aver_verb aver_verb_policy_check, aver_verb_policy_publish, aver_verb_policy_verify,
    aver_verb_policy_list;
extern const struct aver_verb aver_verb_table_publish, aver_verb_table_list;
extern const struct aver_verb aver_verb_codes_load, aver_verb_codes_list;
extern const struct aver_verb aver_verb_approve;
extern const struct aver_verb aver_verb_member_import, aver_verb_member_list, aver_verb_member_review;
extern const struct aver_verb aver_verb_accumulator_post, aver_verb_accumulator_list;
extern const struct aver_verb aver_verb_submit;
extern const struct aver_verb aver_verb_claim_list, aver_verb_claim_show, aver_verb_explain;
extern const struct aver_verb aver_verb_remit, aver_verb_remit_show;
extern const struct aver_verb aver_verb_backup, aver_verb_resume, aver_verb_doctor;
extern const struct aver_verb aver_verb_scrub;
extern const struct aver_verb aver_verb_quarantine_list, aver_verb_quarantine_show,
    aver_verb_quarantine_release;
extern const struct aver_verb aver_verb_audit, aver_verb_audit_sample, aver_verb_audit_evidence,
    aver_verb_bundle;
extern const struct aver_verb aver_verb_state_prove, aver_verb_state_export, aver_verb_state_verify,
    aver_verb_state_rebuild;
extern const struct aver_verb aver_verb_log_checkpoint, aver_verb_log_vkey, aver_verb_log_prove,
    aver_verb_log_consistency, aver_verb_log_verify, aver_verb_log_witness_request,
    aver_verb_log_witness_accept;
extern const struct aver_verb aver_verb_witness, aver_verb_witness_vkey;

#endif
