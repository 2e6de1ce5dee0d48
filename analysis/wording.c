/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/wording.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char wording_disclaimer[] =
    "This station measures pressure under the foot and records what the person says they feel. It "
    "does not diagnose or rule out any disease. The organ names are those which reflexology "
    "articles traditionally associate with the place; a link between a sore place on the sole and "
    "an organ has not been shown by reliable studies. Soreness of the foot most often comes from "
    "the foot itself. Do not start, stop or change any treatment because of this report. Consult a "
    "doctor about pain, illness, pregnancy, injury or any condition named in the questionnaire "
    "before pressing or massaging the feet; stop at once if pressing hurts. In an emergency call "
    "the emergency service.";

static const struct wording_caveat caveats[] = {
    {"this won't solve global problems(will not get rid of thrombosis and will not completely "
     "restore vision), but can be an excellent addition to drug treatment",
     "000:358"},
    {"consultation with a doctor before starting the course is still mandatory", "000:174"},
    {"thoughtless influence on them can cause serious harm", "000:60"},
    {"you should not hesitate and self-medicate, but it is better to immediately seek medical help",
     "000:70"},
    {"on your own with caution so as not to harm yourself", "000:343"},
    {"It is necessary to first obtain the opinion of the attending physician", "000:306"},
    {"Such stimulation is not as harmless as it seems and can provoke an attack.", "000:385"},
    {"is a question of trust in alternative methods", "001:114"},
    {"As an adjuvant in addition to official medicine - why not.", "001:114"},
    {"be sure to consult a doctor", "001:212"},
    {"Such therapy will not always bring exclusively benefits to the body.", "001:240"},
    {"avoiding dubious centers of oriental medicine", "001:187"},
    {"there is no direct effect on the spine", "002:11"},
    {"it does not occur directly, but through nerve endings", "000:218"},
    {"learning to do acupressure may be unsafe", "003:281"},
    {"it is better to perform only familiar techniques and listen to the person’s feelings",
     "003:318"},
};

int wording_caveat_count(void)
{
    return (int)(sizeof caveats / sizeof caveats[0]);
}

const struct wording_caveat *wording_caveat(int index)
{
    return index >= 0 && index < wording_caveat_count() ? &caveats[index] : NULL;
}

/* Lower case, single spaces; '*' at the end = any ending of the word. */
static const char *const refused[] = {
    /* 8.3: findings and promises */
    "diseased",
    "blocked energy",
    "energy blockage*",
    "abnormal*",
    "positive",
    "pathological*",
    "pathology",
    "overload injury",
    "you have flat feet",
    "pes planus",
    "valgus deformity",
    "hallux valgus",
    "treats",
    "cure",
    "cures",
    "cured",
    "curing",
    "heals",
    "heal",
    "healed",
    "detox",
    "detoxif*",
    "improves immunity",
    "boosts immunity",
    "diagnos*",
    "symptom of",
    "eye problem*",
    "ear problem*",
    "sign of disease",
    "is ill",
    "is sick",
    "malfunction*",
    "disorder of",
    "disease of",
    /* 8.2: the articles' claims, in the articles' words and near them */
    "can be detected by the sensitivity",
    "any disease of a particular organ",
    "illnesses can be cured",
    "cured by ordinary pressure",
    "heal your body",
    "drug-free therapy",
    "will not cause any harm",
    "harmless and effective",
    "no complications",
    "scientifically proven",
    "clinically proven",
    "salt crystal*",
    "crystals are destroyed",
    "deposits are destroyed",
    "toxin*",
    "fat is broken down",
    "fat broken down",
    "restore vision",
    "restores vision",
    "relieves toothache",
    "complete disappearance of pain",
    "eliminates",
    "corrects the bones",
    "correct the position of the bones",
    "elimination of foot defects",
    "rejuvenat*",
    "longevity",
    "early menopause",
    "weight loss",
    "means ovaries",
    "visit a gynecologist",
    "regardless of gender and age",
    "may be activated by reflex",
};

/* Names of conditions and medicines: never of the person on the plate (8.3); the rules on whom not
 * to press need them. */
static const char *const conditions[] = {
    "inflamed",   "inflammation*", "diabetes",   "diabetic",      "arthritis",    "arthrosis",
    "rheumatism", "cancer",        "tumour*",    "tumor*",        "thrombosis",   "gastritis",
    "hepatitis",  "cirrhosis",     "nephritis",  "hypertension",  "ulcer*",       "sciatica",
    "fasciitis",  "gout",          "neuropathy", "osteoporosis",  "epilepsy",     "insomnia",
    "asthma",     "pneumonia",     "gallstone*", "kidney stone*", "haemorrhoid*", "hemorrhoid*",
    "varicose",   "paracetamol",   "ibuprofen",  "aspirin",       "diclofenac",   "insulin",
};

/* Said of these in a refused way: "your liver", "liver problem", "liver is weak" (8.3). */
static const char *const organs[] = {
    "liver",           "kidney",         "kidneys",       "lung",
    "lungs",           "heart",          "stomach",       "intestine",
    "intestines",      "bladder",        "gallbladder",   "pancreas",
    "spleen",          "ovary",          "ovaries",       "brain",
    "spine",           "teeth",          "gums",          "sinuses",
    "adrenals",        "adrenal glands", "thyroid",       "pituitary",
    "pituitary gland", "nervous system", "immune system", "reproductive system",
    "bones",           "sciatic nerve",  "organ",         "organs",
};
static const char *const organ_phrases[] = {
    "your %s",     "%s problem",     "%s problems", "%s is weak",    "%s are weak",
    "weak %s",     "%s trouble",     "%s disease",  "%s diseases",   "%s is affected",
    "%s is tense", "%s dysfunction", "%s failure",  "%s is blocked", "problem with the %s",
};

/* Refused words may stand in these, and in the disclaimer's sentences. */
static const char *const allowed[] = {
    "does not diagnose or rule out any disease",
    "does not diagnose",
    "not a diagnosis",
    "never a diagnosis",
    "not diagnoses",
};

static int is_word_char(char c)
{
    return isalnum((unsigned char)c) || (c & 0x80);
}

/* Lower case of the two-byte letters of Latin-1 and Cyrillic, in place. */
static void lower_two_bytes(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c && c[1]; c++) {
        if (c[0] == 0xC3 && c[1] >= 0x80 && c[1] <= 0x9E)
            c[1] += 0x20;
        else if (c[0] == 0xD0 && c[1] >= 0x90 && c[1] <= 0x9F)
            c[1] += 0x20;
        else if (c[0] == 0xD0 && c[1] >= 0xA0 && c[1] <= 0xAF) {
            c[0] = 0xD1;
            c[1] -= 0x20;
        } else if (c[0] == 0xD0 && c[1] == 0x81) {
            c[0] = 0xD1;
            c[1] = 0x91;
        }
    }
}

/* Lower case (ASCII), one space for any run of white space (the no-break space too), and plain
 * quotation marks for the typographic signs (U+2000 to U+203F), so that words end at them. */
static void normalise(const char *from, char *to)
{
    char last = ' ';

    while (*from) {
        char c = (char)tolower((unsigned char)*from);
        int length = 1;
        if (!strncmp(from, "\xC2\xA0", 2) || isspace((unsigned char)c)) {
            length = c == '\xC2' ? 2 : 1;
            c = ' ';
        } else if (!strncmp(from, "\xE2\x80", 2) && from[2]) {
            length = 3;
            c = '"';
        }
        from += length;
        if (c != ' ' || last != ' ')
            *to++ = last = c;
    }
    *to = 0;
}

/* Where the phrase stands as whole words, or NULL. */
static char *find_phrase(char *text, const char *phrase)
{
    size_t n = strlen(phrase);
    int open_end = n && phrase[n - 1] == '*';
    size_t rest = strlen(text);

    n -= open_end ? 1 : 0;
    if (!n)
        return NULL;
    for (char *at = memmem(text, rest, phrase, n); at;
         at = memmem(at + 1, rest - (size_t)(at + 1 - text), phrase, n))
        if ((at == text || !is_word_char(at[-1])) && (open_end || !is_word_char(at[n])))
            return at;
    return NULL;
}

/* A control character keeps the neighbours apart and is no word. */
static void blank(char *text, const char *phrase)
{
    for (char *at = find_phrase(text, phrase); at; at = find_phrase(text, phrase))
        memset(at, '\1', strlen(phrase));
}

static void blank_allowed(char *text)
{
    char disclaimer[sizeof wording_disclaimer];
    char *save = NULL;

    normalise(wording_disclaimer, disclaimer);
    for (char *s = strtok_r(disclaimer, ".", &save); s; s = strtok_r(NULL, ".", &save))
        blank(text, s + strspn(s, " "));
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        blank(text, allowed[i]);
}

static int refuse(const char *text, const char *at, const char *phrase, struct problem *why)
{
    const char *from = at - text > 30 ? at - 30 : text;

    return problem(why, PROBLEM_REFUSED, "'%s' may not be printed: \"...%.80s...\"", phrase, from);
}

static int check_organs(char *text, struct problem *why)
{
    for (size_t i = 0; i < sizeof organs / sizeof organs[0]; i++)
        for (size_t k = 0;
             strstr(text, organs[i]) && k < sizeof organ_phrases / sizeof organ_phrases[0]; k++) {
            char phrase[60];
            const char *form = organ_phrases[k], *slot = strstr(form, "%s");
            snprintf(phrase, sizeof phrase, "%.*s%s%s", (int)(slot - form), form, organs[i],
                     slot + 2);
            char *at = find_phrase(text, phrase);
            if (at)
                return refuse(text, at, phrase, why);
        }
    return 0;
}

/* Points outside the plate are never measured: no kPa in the sentence that names one. */
static int check_outside_points(char *text, struct problem *why)
{
    for (char *at = strstr(text, "n0"); at; at = strstr(at + 1, "n0")) {
        if ((at > text && is_word_char(at[-1])) || at[2] < '1' || at[2] > '9' ||
            is_word_char(at[3]))
            continue;
        size_t n = strcspn(at, ".;|");
        char *unit = strstr(at, "kpa");
        if (unit && (size_t)(unit - at) < n)
            return refuse(text, at, "a value for a point outside the plate", why);
    }
    return 0;
}

static int check_list(char *text, const char *const *phrases, size_t n, struct problem *why)
{
    for (size_t i = 0; i < n; i++) {
        char *at = find_phrase(text, phrases[i]);
        if (at)
            return refuse(text, at, phrases[i], why);
    }
    return 0;
}

static int check_normalised(char *text, int conditions_too, struct problem *why)
{
    blank_allowed(text);
    if (check_list(text, refused, sizeof refused / sizeof refused[0], why) ||
        (conditions_too &&
         check_list(text, conditions, sizeof conditions / sizeof conditions[0], why)))
        return -1;
    return check_organs(text, why) || check_outside_points(text, why) ? -1 : 0;
}

static int check_text(const char *text, int conditions_too, struct problem *why)
{
    if (!text || !*text)
        return 0;
    char *own = malloc(strlen(text) + 1);
    if (!own)
        return problem_no_memory(why, "a copy of a text");
    normalise(text, own);
    int status = check_normalised(own, conditions_too, why);
    free(own);
    return status;
}

int wording_check(const char *text, struct problem *why)
{
    return check_text(text, 1, why);
}

/* The end of a source like [003:271], or NULL. */
static const char *skip_cite(const char *text)
{
    int used = 0;

    text += strspn(text, " ");
    if (sscanf(text, "[%*3[0-9]:%*6[0-9]%n", &used) != 0 || !used)
        return NULL;
    return strchr(",]", text[used]) && text[used] ? text + used : NULL;
}

int wording_check_sourced(const char *text, struct problem *why)
{
    if (!text || !*text)
        return 0;
    char *own = malloc(strlen(text) + 1), *to = own;
    if (!own)
        return problem_no_memory(why, "a copy of a text");
    while (*text) {
        const char *end = strncmp(text, "“", 3) ? NULL : strstr(text, "”");
        const char *after = end ? skip_cite(end + 3) : NULL;
        if (after)
            text = after;
        else
            *to++ = *text++;
    }
    *to = 0;
    int status = check_text(own, 0, why);
    free(own);
    return status;
}

/* --- Other languages -------------------------------------------------------------------------- */

static const char *const refused_de[] = {
    "krank",
    "kranke*",
    "erkrank*",
    "entzünd*",
    "blockade*",
    "blockierte*",
    "abnorm*",
    "anomal*",
    "positiv",
    "positiver befund",
    "befund*",
    "patholog*",
    "diagnos*",
    "überlastung*",
    "sie haben plattfüße",
    "plattfuß*",
    "knickfuß*",
    "hallux*",
    "pes planus",
    "valgus*",
    "heilt",
    "heilen",
    "heilung*",
    "geheilt",
    "heilwirkung*",
    "behandelt",
    "kuriert",
    "entgift*",
    "entschlack*",
    "stärkt das immunsystem",
    "symptom*",
    "ihre leber",
    "ihr herz",
    "ihre nieren",
    "leberproblem*",
    "nierenproblem*",
    "herzproblem*",
    "leberschwäche*",
    "funktionsstörung*",
    "organschwäche*",
    "störung der",
    "wissenschaftlich bewiesen",
    "klinisch bewiesen",
    "verjüng*",
    "diabetes",
    "arthrose",
    "arthritis",
    "rheuma",
    "krebs",
    "tumor*",
    "thrombose*",
    "gastritis",
    "hepatitis",
    "bluthochdruck",
    "gicht",
    "ischias",
    "fersensporn*",
    "epilepsie",
    "asthma",
    "ibuprofen",
    "aspirin",
    "paracetamol",
    "insulin",
};
static const char *const refused_ru[] = {
    "больной",
    "больна",
    "больные",
    "заболевани*",
    "воспален*",
    "воспалён*",
    "блокад*",
    "заблокирован*",
    "аномал*",
    "ненормальн*",
    "положительн*",
    "патолог*",
    "диагноз*",
    "диагност*",
    "перегрузк*",
    "плоскостопи*",
    "вальгус*",
    "халлюкс*",
    "лечит",
    "лечат",
    "излечи*",
    "исцел*",
    "вылечи*",
    "оздоров*",
    "детокс*",
    "шлак*",
    "токсин*",
    "укрепляет иммунитет",
    "повышает иммунитет",
    "симптом*",
    "ваша печень",
    "ваше сердце",
    "ваши почки",
    "проблемы с печенью",
    "проблемы с почками",
    "слабая печень",
    "нарушение работы",
    "дисфункц*",
    "научно доказан*",
    "клинически доказан*",
    "омолож*",
    "диабет*",
    "артрит*",
    "артроз*",
    "ревматизм*",
    "опухол*",
    "рак",
    "тромбоз*",
    "гастрит*",
    "гепатит*",
    "гипертони*",
    "подагр*",
    "ишиас*",
    "эпилепси*",
    "астм*",
    "ибупрофен*",
    "аспирин*",
    "парацетамол*",
    "инсулин*",
};
/* The disclaimer's own words. */
static const char *const allowed_de[] = {"stellt keine diagnose und schließt keine krankheit aus",
                                         "bei schmerz, krankheit"};
static const char *const allowed_ru[] = {"не ставит диагноз и не исключает болезней"};

static int check_words(char *own, const char *const *phrases, size_t n, const char *const *may,
                       size_t n_may, struct problem *why)
{
    for (size_t i = 0; i < n_may; i++)
        blank(own, may[i]);
    return check_list(own, phrases, n, why);
}

int wording_check_in(const char *code, const char *text, struct problem *why)
{
    int is_german = !strcmp(code, "de");

    if (!is_german && strcmp(code, "ru") != 0)
        return wording_check(text, why);
    if (!text || !*text)
        return 0;
    char *own = malloc(strlen(text) + 1);
    if (!own)
        return problem_no_memory(why, "a copy of a text");
    normalise(text, own);
    lower_two_bytes(own);
    int status = is_german ? check_words(own, refused_de, sizeof refused_de / sizeof refused_de[0],
                                         allowed_de, sizeof allowed_de / sizeof allowed_de[0], why)
                           : check_words(own, refused_ru, sizeof refused_ru / sizeof refused_ru[0],
                                         allowed_ru, sizeof allowed_ru / sizeof allowed_ru[0], why);
    if (!status)
        status = check_outside_points(own, why);
    free(own);
    return status;
}
