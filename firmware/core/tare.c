/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tare: the zero and the noise floor of each cell of an unloaded plate.
 *
 * First half of the scans: zero = mean count, rounded. Second half: the mean square m2 of the
 * counts about that zero; floor = ceil(k sqrt(m2)), at least 1 count, k = gate_sigmas. (Taking m2
 * about a zero of the first half errs to the wide side, by 1/scans.) Both halves share one word a
 * cell. A cell is masked, always 0 from then on, when its zero lies in the top eighth of the range
 * or its floor would swallow a quarter of it. The roots are taken in slices over some further
 * scans, so that no step is long; a band's old zeros hold until all of its roots are there. */
#include "firmware/core/plate_private.h"

#include <string.h>

#define DEFAULT_SCANS 48u
#define DEFAULT_SIGMAS 4u
#define FLOOR_BITS 16u /* a masked cell has all of them */

static uint32_t half_scans(const struct plate *plate)
{
    uint32_t scans = plate->config->tare_scans ? plate->config->tare_scans : DEFAULT_SCANS;
    return scans / 2;
}

void plate_tare_begin_band(struct plate *plate)
{
    memset(plate->config->work, 0, plate_job_band(plate).n * sizeof *plate->config->work);
}

static void add_counts(struct plate *plate)
{
    const struct plate_config *config = plate->config;
    struct plate_band band = plate_job_band(plate);
    const uint16_t *counts = config->counts + band.first;
    for (size_t i = 0; i < band.n; i++)
        config->work[i] += counts[i];
}

static void take_means(struct plate *plate)
{
    const struct plate_config *config = plate->config;
    uint32_t half = half_scans(plate);
    size_t n = plate_job_band(plate).n;
    for (size_t i = 0; i < n; i++) {
        config->next_zero[i] = (uint16_t)((config->work[i] + half / 2) / half);
        config->work[i] = 0;
    }
}

/* A sum that ran full means strays of over 1400 counts: the cell will be masked. */
static uint32_t add_saturating(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static void add_squares(struct plate *plate)
{
    const struct plate_config *config = plate->config;
    struct plate_band band = plate_job_band(plate);
    const uint16_t *counts = config->counts + band.first;
    for (size_t i = 0; i < band.n; i++) {
        uint16_t count = counts[i], zero = config->next_zero[i];
        uint32_t off = count > zero ? (uint32_t)(count - zero) : (uint32_t)(zero - count);
        config->work[i] = add_saturating(config->work[i], off * off);
    }
}

/* Smallest r with r * r >= x, bit by bit; x < 2^42. */
static uint32_t root_up(uint64_t x)
{
    uint32_t r = 0;
    for (uint32_t bit = UINT32_C(1) << 21; bit; bit >>= 1)
        if ((uint64_t)(r | bit) * (r | bit) <= x)
            r |= bit;
    return (uint64_t)r * r < x ? r + 1 : r;
}

static uint16_t noise_floor(const struct plate *plate, size_t i)
{
    uint64_t k = plate->config->gate_sigmas ? plate->config->gate_sigmas : DEFAULT_SIGMAS;
    uint32_t half = half_scans(plate);
    uint32_t wide = root_up((k * k * plate->config->work[i] + half - 1) / half);
    if (plate->config->work[i] == UINT32_MAX || plate->config->next_zero[i] >= plate_high(plate) ||
        wide > plate_full_scale(plate) / 4u)
        return PLATE_MASKED;
    return wide > 0 ? (uint16_t)wide : 1;
}

/* As many as make a slice no larger than of a tare of all rows. */
static uint32_t band_slices(const struct plate *plate)
{
    uint32_t rows = plate->config->rows;
    return (PLATE_TARE_SLICES * plate_work_rows(plate) + rows - 1) / rows;
}

/* The sums of the slice's cells become floors, in place. */
static void take_roots(struct plate *plate, uint32_t slice)
{
    size_t n = plate_job_band(plate).n;
    uint32_t slices = band_slices(plate);
    size_t end = n * (slice + 1) / slices;
    for (size_t i = n * slice / slices; i < end; i++)
        plate->config->work[i] = noise_floor(plate, i);
}

static void use_new_zero(struct plate *plate)
{
    const struct plate_config *config = plate->config;
    struct plate_band band = plate_job_band(plate);
    uint16_t *noise_floors = config->floor + band.first;
    memcpy(config->zero + band.first, config->next_zero, band.n * sizeof *config->zero);
    for (size_t i = 0; i < band.n; i++) {
        noise_floors[i] = (uint16_t)config->work[i];
        plate->job.faulty += noise_floors[i] == PLATE_MASKED;
    }
}

int plate_tare_scan(struct plate *plate)
{
    uint32_t half = half_scans(plate), scan = plate->job.done++;
    if (scan < half)
        add_counts(plate);
    else if (scan < 2 * half)
        add_squares(plate);
    else
        take_roots(plate, scan - 2 * half);
    if (scan + 1 == half)
        take_means(plate);
    if (scan + 1 < 2 * half + band_slices(plate))
        return 0;
    use_new_zero(plate);
    return 1;
}

/* --- Telling it ------------------------------------------------------------------------------ */

static int tell_part(struct plate *plate, enum zero_part part, uint8_t bits, const uint16_t *cells)
{
    const struct plate_config *config = plate->config;
    struct frame_shape shape = {.bits = bits, .rows = config->rows, .cols = config->cols};
    if (plate_has_unsent(plate, (unsigned)plate->owner))
        return 0;
    size_t n = zero_encode(config->out + WIRE_HEADER_SIZE, config->out_bytes - WIRE_HEADER_SIZE,
                           part, &shape, cells);
    plate_post(plate, WIRE_ZERO, plate->job.zero_us, config->out + WIRE_HEADER_SIZE, n);
    return 1;
}

/* All zeros in one piece, once there are: in their place, or, of a tare of all rows at once, while
 * the roots are still being taken, so that zeros and floors do not go at one step. */
static const uint16_t *zeros_to_tell(const struct plate *plate)
{
    if (plate->job.is_finished)
        return plate->config->zero;
    int is_whole = plate_work_rows(plate) == plate->config->rows;
    return is_whole && plate->job.done >= 2 * half_scans(plate) ? plate->config->next_zero : NULL;
}

/* A plate that lives on its cable loses its zeros with its power, maybe while somebody stands on
 * it: so the host is given them, the floors a step after the zeros. Not after an autostart: that
 * plate tares itself at each boot, so nobody could ever use them. */
int plate_tare_tell(struct plate *plate, uint64_t now_us)
{
    if (!plate->job.has_request)
        return 1;
    const uint16_t *zeros = zeros_to_tell(plate);
    if (plate->job.told == 0 && zeros) {
        plate->job.zero_us = now_us;
        plate->job.told += (unsigned)tell_part(plate, ZERO_COUNTS, plate->config->bits, zeros);
    } else if (plate->job.told == 1 && plate->job.is_finished) {
        plate->job.told +=
            (unsigned)tell_part(plate, ZERO_FLOORS, FLOOR_BITS, plate->config->floor);
    }
    return plate->job.told == 2;
}
