/* SPDX-License-Identifier: MIT */
/* frontends/arm64/config.h -- between config.c (features, -cpu) and config_id.c (ID registers). */
#ifndef FRONTENDS_ARM64_CONFIG_H
#define FRONTENDS_ARM64_CONFIG_H

#include "frontends/arm64/cpu.h"

/* Fills the part of *c that machines look at, after the features are known. default_features: those of
 * the model before -cpu changed them. */
void a64_config_ids(struct fe_cpu_config *c, uint64_t default_features);

/* Makes the fields of c->idreg say which features are on. Fields whose features are as in `unchanged`
 * stay as they are (0: all are made). reg_of: index in idreg by enum a64_id. */
void a64_feature_fields(struct fe_cpu_config *c, uint64_t unchanged, const uint8_t *reg_of);

#endif
