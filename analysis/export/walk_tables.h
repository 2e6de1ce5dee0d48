/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a walk in a CSV export: its steps, and their averages by side. Both are empty below
 * their header where nobody walked. */
#ifndef TENDERFOOT_ANALYSIS_EXPORT_WALK_TABLES_H
#define TENDERFOOT_ANALYSIS_EXPORT_WALK_TABLES_H

#include "analysis/export/table.h"
#include "analysis/result.h"

#define STEPS_HEADER                                                                               \
    "step,side,confidence,is_whole,not_whole_because,start_s,end_s,stance_s,step_time_s,"          \
    "stride_time_s,double_support_s,step_length_mm,stride_length_mm,step_width_mm,"                \
    "progression_deg,max_force_n,mean_force_n,first_peak_n,valley_n,second_peak_n,"                \
    "loading_rate_n_s,impulse_n_s,peak_kpa,pti_peak_kpa_s,max_area_cm2,print_area_cm2,"            \
    "cop_path_mm,cop_velocity_mm_s,cop_velocity_ml_mm_s,cop_velocity_ap_mm_s,cpei_percent,"        \
    "initial_contact_s,forefoot_contact_s,foot_flat_s,propulsion_s,arch_index,length_mm,"          \
    "forefoot_width_mm,reason"
#define WALK_AVERAGES_HEADER "side,quantity,mean,sd,n,reason"

void walk_table_steps(struct table_sink *out, const struct result *result, const char *version);
void walk_table_averages(struct table_sink *out, const struct result *result, const char *version);

#endif
