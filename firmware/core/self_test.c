/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self-test of an unloaded plate: what can honestly be told from its counts alone.
 *
 * Over all scans the lowest and highest count of each cell are kept. Low and high are the bottom
 * and the top eighth of the range: an unloaded cell rests low.
 *   stuck        never left the top eighth; or never changed while lying above the low eighth
 *   dead         never changed and lies low
 *   row shorted  all cells stuck at the top, or all alike in every scan though changing (one signal
 *                on all columns)
 *   row dead     all its cells dead (row number with column 0xFFFF, kind dead)
 * "Never changed" proves something only on a plate that has noise: unless at least half of all
 * cells changed, only what is stuck at the top is told. A cell of wrong sensitivity, or dead only
 * under load, cannot be found without load: that is the calibration bench's business.
 *
 * A band is judged when its scans are over, whether the plate has noise when all are: so each row
 * is judged for both cases, and what is told is decided at the end. */
#include "firmware/core/plate_private.h"

#include <string.h>

#define DEFAULT_SCANS 32u
#define WHOLE_ROW UINT16_C(0xFFFF)
#define NO_FAULT 0

void plate_self_test_begin(struct plate *plate)
{
    memset(&plate->self_test, 0, sizeof plate->self_test);
}

void plate_self_test_begin_band(struct plate *plate)
{
    size_t n = plate_job_band(plate).n;
    for (size_t i = 0; i < n; i++)
        plate->config->work[i] = UINT16_MAX; /* highest 0 above, lowest 65535 below */
}

/* Cells are numbered within the band, rows within the plate. */
static uint16_t lowest(const struct plate *plate, size_t i)
{
    return (uint16_t)plate->config->work[i];
}

static uint16_t highest(const struct plate *plate, size_t i)
{
    return (uint16_t)(plate->config->work[i] >> 16);
}

static void keep_extremes(struct plate *plate)
{
    const struct plate_config *config = plate->config;
    struct plate_band band = plate_job_band(plate);
    const uint16_t *counts = config->counts + band.first;
    for (size_t i = 0; i < band.n; i++) {
        uint32_t count = counts[i];
        uint32_t low = lowest(plate, i), high = highest(plate, i);
        config->work[i] = (count > high ? count : high) << 16 | (count < low ? count : low);
    }
}

static void keep_unlike_rows(struct plate *plate)
{
    const struct plate_config *config = plate->config;
    struct plate_band band = plate_job_band(plate);
    for (unsigned row = band.row0; row < band.row0 + band.rows; row++) {
        const uint16_t *counts = config->counts + (size_t)row * config->cols;
        for (unsigned col = 1; col < config->cols; col++)
            if (counts[col] != counts[0])
                plate->self_test.row_unlike[row / 8] |= (uint8_t)(1u << row % 8);
    }
}

static uint8_t cell_fault(const struct plate *plate, size_t i, int has_noise)
{
    uint16_t low = plate_full_scale(plate) / 8u;
    if (lowest(plate, i) >= plate_high(plate))
        return WIRE_CELL_STUCK;
    if (!has_noise || lowest(plate, i) != highest(plate, i))
        return NO_FAULT;
    return lowest(plate, i) > low ? WIRE_CELL_STUCK : WIRE_CELL_DEAD;
}

static size_t first_of_row(const struct plate *plate, unsigned row)
{
    return (size_t)(row - plate->job.row0) * plate->config->cols;
}

static unsigned changed_in_row(const struct plate *plate, unsigned row)
{
    unsigned cols = plate->config->cols, changed = 0;
    size_t first = first_of_row(plate, row);
    for (size_t i = first; i < first + cols; i++)
        changed += lowest(plate, i) != highest(plate, i);
    return changed;
}

/* A row of one cell has nothing to be alike with. */
static uint8_t row_fault(const struct plate *plate, unsigned row, int has_noise)
{
    unsigned cols = plate->config->cols, dead = 0, top = 0;
    size_t first = first_of_row(plate, row);
    for (size_t i = first; i < first + cols; i++) {
        dead += cell_fault(plate, i, has_noise) == WIRE_CELL_DEAD;
        top += lowest(plate, i) >= plate_high(plate);
    }
    int unlike = plate->self_test.row_unlike[row / 8] >> row % 8 & 1;
    if (cols > 1 && (top == cols || (!unlike && changed_in_row(plate, row) == cols)))
        return WIRE_ROW_SHORTED;
    return cols > 1 && dead == cols ? WIRE_CELL_DEAD : NO_FAULT;
}

static void add_fault(struct plate_faults *list, unsigned row, unsigned col, uint8_t kind,
                      uint32_t cells)
{
    if (list->total < PLATE_FAULTS_TOLD)
        list->told[list->total] =
            (struct wire_fault){.row = (uint16_t)row, .col = (uint16_t)col, .kind = kind};
    list->total++;
    list->cells += cells;
}

static void judge_row(const struct plate *plate, unsigned row, int has_noise,
                      struct plate_faults *list)
{
    unsigned cols = plate->config->cols;
    uint8_t kind = row_fault(plate, row, has_noise);
    if (kind != NO_FAULT) {
        add_fault(list, row, WHOLE_ROW, kind, cols);
        return;
    }
    for (unsigned col = 0; col < cols; col++) {
        kind = cell_fault(plate, first_of_row(plate, row) + col, has_noise);
        if (kind != NO_FAULT)
            add_fault(list, row, col, kind, 1);
    }
}

static void judge_band(struct plate *plate)
{
    struct plate_band band = plate_job_band(plate);
    for (unsigned row = band.row0; row < band.row0 + band.rows; row++) {
        plate->self_test.changed += changed_in_row(plate, row);
        for (int has_noise = 0; has_noise < 2; has_noise++)
            judge_row(plate, row, has_noise, &plate->self_test.judged[has_noise]);
    }
}

int plate_self_test_scan(struct plate *plate)
{
    uint32_t scans =
        plate->config->self_test_scans ? plate->config->self_test_scans : DEFAULT_SCANS;
    keep_extremes(plate);
    keep_unlike_rows(plate);
    if (++plate->job.done < scans)
        return 0;
    judge_band(plate);
    return 1;
}

int plate_self_test_report(struct plate *plate)
{
    uint8_t payload[4 + 5 * PLATE_FAULTS_TOLD];
    if (plate_outbox_room(plate, (unsigned)plate->owner) <
        WIRE_HEADER_SIZE + sizeof payload + PLATE_ACK_ROOM)
        return 0;
    int has_noise = plate->self_test.changed * 2u >= plate_cells(plate);
    const struct plate_faults *list = &plate->self_test.judged[has_noise];
    size_t told = list->total < PLATE_FAULTS_TOLD ? list->total : PLATE_FAULTS_TOLD;
    size_t n = wire_put_faults(payload, sizeof payload, list->told, told, list->total);
    plate->job.faulty = list->cells;
    return plate_outbox_put(plate, (unsigned)plate->owner, WIRE_SELF_TEST_RESULT, plate->job.end_us,
                            payload, n);
}
