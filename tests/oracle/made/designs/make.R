# Rscript make.R > expected.csv   (R 4.2.2, survey 4.1-1, MASS)
# Designs of every kind, small: one stage and two, with and without fpc, strata taken whole, lonely PSUs under every option,
# weights of 0, missing values, domains absent from strata, ties, calibration to margins.
suppressMessages(library(survey))
counts <- function(file, column) setNames(read.csv(file), c(column, "Freq"))
terms <- function(file) { t <- read.csv(file); setNames(t$total, sub("=", "", t$term)) }
cat("file,statistic,dom,estimate,se,low,high,deff,df\n")
line <- function(...) cat(paste(sapply(list(...), function(x) if (is.numeric(x)) format(unname(x), digits = 15) else x), collapse = ","), "\n", sep = "")
try_line <- function(file, statistic, dom, expr) {
  found <- try(expr, silent = TRUE)
  if (!inherits(found, "try-error")) do.call(line, c(list(file, statistic, dom), as.list(found)))
}
deffs <- TRUE
figures <- function(file, des, dom, whole) {
  df <- function(...) { v <- c(...); degf(subset(whole, complete.cases(whole$variables[v]))) }
  linear <- function(e, df) c(coef(e), SE(e), confint(e, df = df), if (deffs) deff(e) else NA, df)
  try_line(file, "mean", dom, linear(svymean(~y, des, na.rm = TRUE, deff = TRUE), df("y")))
  try_line(file, "total", dom, linear(svytotal(~y, des, na.rm = TRUE, deff = TRUE), df("y")))
  try_line(file, "ratio", dom, linear(svyratio(~y, ~x, des, na.rm = TRUE, deff = TRUE), df("y", "x")))
  try_line(file, "proportion", dom, linear(svymean(~as.numeric(b == "Yes"), des, na.rm = TRUE, deff = TRUE), df("b")))
  for (p in c(0.25, 0.5, 0.9)) try_line(file, paste("quantile", p), dom, {
    e <- svyquantile(~y, des, p, qrule = "math", df = df("y"), na.rm = TRUE)[[1]]; c(e[1], e[4], e[2], e[3], NA, df("y"))
  })
  if (dom != "") return()
  there <- subset(des, !is.na(b))
  for (method in c("beta", "xlogit")) try_line(file, method, dom, {
    e <- svyciprop(~I(b == "Yes"), there, method = method); c(coef(e), NA, attr(e, "ci"), NA, degf(there))
  })
  try_line(file, "chisq", dom, {
    t <- suppressWarnings(svychisq(~a + b, subset(des, !is.na(a) & !is.na(b)), statistic = "F"))
    c(t$statistic, t$p.value, t$parameter[1], NA, NA, t$parameter[2])
  })
}
said <- function(file, des) {
  line(file, "weights", "", min(weights(des)), max(weights(des)), sum(weights(des)), NA, NA, NA)
  figures(file, des, "", des)
  for (dom in sort(unique(des$variables$dom))) figures(file, des[!is.na(des$variables$dom) & des$variables$dom == dom, ], dom, des)
  v <- try(vcov(svyby(~y, ~dom, subset(des, !is.na(dom)), svymean, na.rm = TRUE, covmat = TRUE)), silent = TRUE)
  if (!inherits(v, "try-error")) for (one in rownames(v)) for (other in rownames(v)) if (one < other) line(file, "covariance", paste0(one, "/", other), v[one, other], NA, NA, NA, NA, NA)
}

options(survey.lonely.psu = "adjust"); d <- read.csv("d01.csv")
des <- svydesign(id = ~1, strata = ~st, weights = ~w, nest = FALSE, data = d)
said("d01", des)

options(survey.lonely.psu = "certainty"); d <- read.csv("d02.csv")
des <- svydesign(id = ~psu + ssu, strata = ~st, weights = ~w, fpc = ~n1 + n2, nest = FALSE, data = d)
said("d02", des)

options(survey.lonely.psu = "fail"); d <- read.csv("d03.csv")
des <- svydesign(id = ~psu, strata = ~st, weights = ~w, nest = FALSE, data = d)
des <- calibrate(des, list(~a, ~b), list(counts("d03_a.csv", "a"), counts("d03_b.csv", "b")), calfun = "raking", epsilon = 1e-12, maxit = 200)
said("d03", des)

options(survey.lonely.psu = "certainty"); d <- read.csv("d04.csv")
des <- svydesign(id = ~psu + ssu, weights = ~w, nest = FALSE, data = d)
said("d04", des)

options(survey.lonely.psu = "fail"); d <- read.csv("d05.csv")
des <- svydesign(id = ~1, strata = ~st, fpc = ~n1, nest = FALSE, data = d)
said("d05", des)

options(survey.lonely.psu = "fail"); d <- read.csv("d06.csv")
des <- svydesign(id = ~psu + ssu, weights = ~w, nest = FALSE, data = d)
des <- calibrate(des, list(~a, ~b), list(counts("d06_a.csv", "a"), counts("d06_b.csv", "b")), calfun = "raking", epsilon = 1e-12, maxit = 200)
said("d06", des)

options(survey.lonely.psu = "fail"); d <- read.csv("d07.csv")
des <- svydesign(id = ~psu, weights = ~w, nest = FALSE, data = d)
said("d07", des)

options(survey.lonely.psu = "average"); d <- read.csv("d08.csv")
des <- svydesign(id = ~psu + ssu, strata = ~st, weights = ~w, fpc = ~n1 + n2, nest = FALSE, data = d)
said("d08", des)

options(survey.lonely.psu = "certainty"); d <- read.csv("d09.csv")
des <- svydesign(id = ~1, strata = ~st, weights = ~w, nest = FALSE, data = d)
des <- calibrate(des, ~a + aux, terms("d09_t.csv"), calfun = "logit", bounds = c(0.3, 3.0), epsilon = 1e-12, maxit = 200)
said("d09", des)

options(survey.lonely.psu = "certainty"); d <- read.csv("d10.csv")
des <- svydesign(id = ~psu, strata = ~st, weights = ~w, fpc = ~n1, nest = TRUE, data = d)
des <- calibrate(des, ~a + aux, terms("d10_t.csv"), calfun = "linear")
said("d10", des)

options(survey.lonely.psu = "certainty"); d <- read.csv("d11.csv")
des <- svydesign(id = ~1, strata = ~st, weights = ~w, fpc = ~n1, nest = FALSE, data = d)
said("d11", des)

options(survey.lonely.psu = "average"); d <- read.csv("d12.csv")
des <- svydesign(id = ~psu, strata = ~st, weights = ~w, fpc = ~n1, nest = TRUE, data = d)
said("d12", des)

options(survey.lonely.psu = "adjust"); d <- read.csv("d13.csv")
des <- svydesign(id = ~1, weights = ~w, fpc = ~n1, nest = FALSE, data = d)
said("d13", des)

options(survey.lonely.psu = "fail"); d <- read.csv("d14.csv")
des <- svydesign(id = ~psu, strata = ~st, weights = ~w, fpc = ~n1, nest = FALSE, data = d)
des <- calibrate(des, ~a + aux, terms("d14_t.csv"), calfun = "raking", epsilon = 1e-12, maxit = 200)
said("d14", des)

options(survey.lonely.psu = "adjust"); d <- read.csv("d15.csv")
des <- svydesign(id = ~psu + ssu, weights = ~w, nest = FALSE, data = d)
said("d15", des)

options(survey.lonely.psu = "certainty"); d <- read.csv("d16.csv")
des <- svydesign(id = ~1, weights = rep(1, nrow(d)), nest = FALSE, data = d)
des <- postStratify(des, ~a, counts("d16_a.csv", "a"))
said("d16", des)

options(survey.lonely.psu = "fail"); d <- read.csv("d17.csv")
des <- svydesign(id = ~psu + ssu, weights = ~w, nest = FALSE, data = d)
said("d17", des)

options(survey.lonely.psu = "fail"); d <- read.csv("d18.csv")
des <- svydesign(id = ~psu, strata = ~st, weights = ~w, fpc = ~n1, nest = TRUE, data = d)
des <- postStratify(des, ~a, counts("d18_a.csv", "a"))
said("d18", des)

options(survey.lonely.psu = "adjust"); d <- read.csv("d19.csv")
des <- svydesign(id = ~psu, weights = ~w, fpc = ~n1, nest = FALSE, data = d)
said("d19", des)

# postStratify() lets a row of weight 0 into the linearised score as if it weighed 1; a weight next to 0 keeps it out.
# Such a row is still counted, and with it the design effect: not said.
deffs <- FALSE
options(survey.lonely.psu = "average"); d <- read.csv("d20.csv", na.strings = c("", "NA")); d$w[d$w == 0] <- 1e-12
des <- svydesign(id = ~psu + ssu, weights = ~w, fpc = ~n1 + n2, nest = FALSE, data = d)
des <- postStratify(des, ~a, counts("d20_a.csv", "a"))
said("d20", des)
deffs <- TRUE

options(survey.lonely.psu = "certainty"); d <- read.csv("d21.csv", na.strings = c("", "NA"))
des <- svydesign(id = ~psu + ssu, strata = ~st, fpc = ~n1 + n2, nest = FALSE, data = d)
said("d21", des)
