# Run in tests/oracle: Rscript made/make_regression.R; writes made/expected_regression.csv
suppressMessages(library(survey))
options(survey.lonely.psu = "adjust", digits = 15)
strat <- read.csv("apistrat.csv", stringsAsFactors = TRUE)
clus <- read.csv("apiclus1.csv", stringsAsFactors = TRUE)
strat$holes <- ifelse(seq_len(nrow(strat)) %% 7 == 0, NA, strat$api00)
one <- function(name, design, formula) {
  fit <- svyglm(formula, design = design)
  data.frame(case = name, term = names(coef(fit)), estimate = coef(fit), se = sqrt(diag(vcov(fit))), df = fit$df.residual)
}
s <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat)
c1 <- svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = clus)
made <- rbind(
  one("strat", s, api00 ~ sch.wide + awards + meals),
  one("holes", s, holes ~ sch.wide + stype),
  one("clus", c1, api00 ~ stype + sch.wide))
write.csv(made, "made/expected_regression.csv", row.names = FALSE, quote = FALSE)
