/* aver/carc_words.c - see carc_words.h. */
#include "aver/carc_words.h"

#include "ledger/model/decision.h"

static const struct {
    const char *code, *words;
} words[] = {
    {"1", "deductible"},
    {"2", "coinsurance"},
    {"3", "copay"},
    {"4", "modifier does not fit the procedure"},
    {"5", "place of service does not fit the procedure"},
    {"6", "procedure does not fit the patient's age"},
    {"7", "procedure does not fit the patient's sex"},
    {"8", "procedure does not fit the provider's specialty"},
    {"9", "diagnosis does not fit the patient's age"},
    {"10", "diagnosis does not fit the patient's sex"},
    {"11", "diagnosis does not support the procedure"},
    {"16", "the claim lacks something, or it is wrong"},
    {"18", "a duplicate of an earlier claim"},
    {"19", "work injury: the employer's insurer pays"},
    {"20", "injury: a liability insurer pays"},
    {"21", "injury: a no-fault insurer pays"},
    {"22", "another payer may pay first"},
    {"23", "effect of what another payer decided"},
    {"24", "paid for in a capitation agreement"},
    {"26", "before coverage began"},
    {"27", "after coverage ended"},
    {"29", "filed too late"},
    {"31", "not a member of ours"},
    {"33", "no dependant coverage"},
    {"35", "lifetime maximum reached"},
    {"39", "authorization was refused"},
    {"40", "not an emergency"},
    {"44", "discount for prompt payment"},
    {"45", "over the fee schedule"},
    {"49", "routine or preventive service"},
    {"50", "not medically necessary under the plan"},
    {"51", "pre-existing condition"},
    {"54", "more than one provider in this case"},
    {"55", "experimental"},
    {"56", "not proven effective"},
    {"58", "wrong or invalid place of service"},
    {"59", "several procedures together"},
    {"94", "case rate above the charge"},
    {"96", "not covered"},
    {"97", "paid within another service"},
    {"100", "paid to the patient"},
    {"107", "the related service was not billed"},
    {"109", "another payer covers it"},
    {"110", "billed before the day of the service"},
    {"119", "maximum of the period reached"},
    {"133", "held for review"},
    {"146", "diagnosis not valid on that date"},
    {"147", "the negotiated rate has ended or does not exist"},
    {"150", "level of service not supported"},
    {"151", "more of it, or more often, than supported"},
    {"166", "after this payer's duty ended"},
    {"167", "diagnosis not covered"},
    {"170", "not payable to this kind of provider"},
    {"171", "not payable to this kind of provider there"},
    {"177", "patient does not meet the conditions"},
    {"179", "the benefit's waiting period is not over"},
    {"181", "procedure code not valid on that date"},
    {"182", "modifier not valid on that date"},
    {"183", "referring provider not eligible"},
    {"185", "rendering provider not eligible"},
    {"187", "spending account payment"},
    {"193", "the first decision stands"},
    {"197", "authorization is missing"},
    {"198", "authorization used up"},
    {"200", "coverage had lapsed"},
    {"204", "not in this plan"},
    {"206", "NPI missing"},
    {"207", "NPI not valid"},
    {"208", "NPI does not match"},
    {"216", "decided on review"},
    {"222", "more units than the contract allows"},
    {"223", "required by law"},
    {"225", "interest"},
    {"226", "information asked for was not sent"},
    {"231", "excludes another procedure of that day"},
    {"234", "not paid for by itself"},
    {"236", "not payable together with another procedure of that day"},
    {"237", "penalty"},
    {"242", "provider out of network"},
    {"243", "not approved by the primary care provider"},
    {"252", "an attachment is needed"},
    {"253", "sequestration"},
    {"256", "not payable under the managed care contract"},
    {"272", "outside the coverage guidelines"},
    {"273", "beyond the coverage guidelines"},
    {"288", "referral is missing"},
    {"B7", "provider not certified for it on that date"},
    {"B13", "paid before"},
    {"B15", "needs another service that was not received"},
    {"B16", "new patient rules not met"},
};

static const char *find(aver_bytes carc)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (aver_bytes_is(carc, words[i].code)) return words[i].words;
    return NULL;
}

const char *aver_carc_words(aver_bytes carc)
{
    const char *found = find(carc);
    return found ? found : "another reason of the code list";
}

bool aver_carc_known(aver_bytes carc) { return find(carc) != NULL; }

const char *aver_group_words(uint64_t group)
{
    switch ((enum aver_group)group) {
    case AVER_GROUP_CO: return "the provider writes it off by contract";
    case AVER_GROUP_OA: return "neither the contract nor the patient bears it";
    case AVER_GROUP_PI: return "the payer takes it off; it is not the patient's";
    case AVER_GROUP_PR: return "the patient owes it";
    }
    AVER_UNREACHABLE();
}
