/* aver/trust.c - see trust.h. */
#include "aver/trust.h"

#include "aver/files.h"

#include <stdio.h>

aver_err aver_trust_read(struct aver_command *cmd, struct aver_trust *trust, const char *option)
{
    const char *file = aver_option(cmd, option);
    trust->text.len = 0;
    AVER_TRY(aver_path_read(&trust->text, file, AVER_TLOG_POLICY_BYTES_MAX, &cmd->why));
    aver_err err = aver_tlog_policy_read(&trust->policy, aver_buf_view(&trust->text), &cmd->why);
    if (err != AVER_OK) {
        char place[sizeof cmd->why.place];
        snprintf(place, sizeof place, "%.180s %.60s", file, cmd->why.place);
        snprintf(cmd->why.place, sizeof cmd->why.place, "%s", place);
    }
    return err;
}

void aver_trust_free(struct aver_trust *trust) { aver_buf_free(&trust->text); }
