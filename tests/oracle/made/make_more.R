# Rscript make_more.R > expected_more.csv: quantiles, Rao–Scott tests and calibrated estimates of the made-up samples.
suppressMessages(library(survey)); options(survey.lonely.psu = "adjust")
cat("design,what,variable,by,estimate,se,low,high,df,ndf,p\n")
out <- function(...) cat(paste(sapply(list(...), function(x) if (is.numeric(x)) format(unname(x), digits = 15) else x), collapse = ","), "\n", sep = "")
d <- read.csv("made.csv")
designs <- list(elements = svydesign(id = ~1, strata = ~st, weights = ~w, fpc = ~N, data = d),
                clusters = svydesign(id = ~cl, strata = ~st, weights = ~w, fpc = ~Nc, data = d, nest = TRUE))
for (n in names(designs)) {
  d <- read.csv("made.csv")
  des <- designs[[n]]
  for (v in c("y", "x")) for (q in c(.1, .25, .5, .9)) for (b in c("", "p", "q")) {
    there <- des[!is.na(d[[v]]) & (b == "" | d$dom == b), ]
    r <- svyquantile(as.formula(paste0("~", v)), there, q, qrule = "math")[[1]]
    out(n, "quantile", v, b, r[1], r[4], r[2], r[3], degf(there), NA, q)
  }
  d <- read.csv("positive.csv")  # R divides by the weights, and counts PSUs of weight 0 for tests
  des <- if (n == "elements") svydesign(id = ~1, strata = ~st, weights = ~w, fpc = ~N, data = d) else
    svydesign(id = ~cl, strata = ~st, weights = ~w, fpc = ~Nc, data = d, nest = TRUE)
  for (b in c("", "low", "high")) for (pair in c("x,dom", "half,dom", "st,half")) {
    names <- strsplit(pair, ",")[[1]]; f <- as.formula(paste0("~", names[1], "+", names[2]))
    if (b != "" && "half" %in% names) next
    inside <- des[!is.na(d[[names[1]]]) & !is.na(d[[names[2]]]) & (b == "" | d$half == b), ]
    t <- suppressWarnings(svychisq(f, inside, statistic = "F"))
    out(n, "chisq", gsub(",", "/", pair), b, t$statistic, NA, NA, NA, t$parameter[2], t$parameter[1], t$p.value)
  }
  dom <- data.frame(dom = c("p", "q", "r"), Freq = c(1500, 900, 100)); half <- data.frame(half = c("high", "low"), Freq = c(1100, 1400))
  totals <- c(`(Intercept)` = 2500, domq = 900, domr = 100, aux = 129000)
  made <- list(
    poststratify = postStratify(des, ~dom, dom),
    rake = calibrate(des, ~ dom + half, c(`(Intercept)` = 2500, domq = 900, domr = 100, halflow = 1400), calfun = "raking", epsilon = 1e-12),
    linear = calibrate(des, ~ dom + aux, totals),
    raking = calibrate(des, ~ dom + aux, totals, calfun = "raking", epsilon = 1e-12),
    logit = calibrate(des, ~ dom + aux, totals, calfun = "logit", bounds = c(0.4, 2.5), epsilon = 1e-12),
    truncated = calibrate(des, ~ dom + aux, totals, calfun = "linear", bounds = c(0.85, 1.6), epsilon = 1e-12))
  for (m in names(made)) {
    cal <- made[[m]]
    e <- svymean(~y, cal, na.rm = TRUE); out(n, m, "y", "", coef(e), SE(e), NA, NA, NA, NA, NA)
    e <- svytotal(~x, cal, na.rm = TRUE); out(n, m, "x", "", coef(e), SE(e), NA, NA, NA, NA, NA)
    for (h in c("high", "low")) {
      e <- svymean(~y, subset(cal, half == h), na.rm = TRUE); out(n, m, "y", h, coef(e), SE(e), NA, NA, NA, NA, NA)
    }
    out(n, m, "weights", "", min(weights(cal)), max(weights(cal)), NA, NA, NA, NA, NA)
  }
}
