/* aver/plain_words.h - the sentences of plain.h: data only. "{name}" stands for a fact (plain.c lists them); a flag such as
 * {met} stands for nothing and asks only that it is so. */
#ifndef AVER_AVER_PLAIN_WORDS_H
#define AVER_AVER_PLAIN_WORDS_H

/* Rows of one code are tried from top to bottom; carc NULL is the last resort of any code. `group` NULL: any. `own`: the
 * sentence says itself who bears the amount. `next`: what to do, or NULL. */
struct aver_plain_row {
    const char *carc, *group, *text;
    int own;
    const char *next;
};
extern const struct aver_plain_row aver_plain_rows[]; /* ends with text NULL */

/* What a person at the insurer does with a line that is pended at a policy path which begins so. */
struct aver_plain_task_row {
    const char *path, *text;
};
extern const struct aver_plain_task_row
    aver_plain_tasks[]; /* ends with path NULL, whose text is for all others */

/* A name of the policy in words; ends with name NULL. */
struct aver_plain_name {
    const char *name, *words;
};
extern const struct aver_plain_name aver_plain_counters[], aver_plain_tiers[], aver_plain_periods[];

#endif
