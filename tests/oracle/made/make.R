# Reference numbers for made-up samples: Rscript make.R > expected.csv   (R 4.2.2, survey 4.1-1)
# made.csv: five strata, cluster ids that repeat across strata, weights with zeros, missing values, a large mean beside
# a small spread, a domain absent from some strata. lone.csv: lonely strata. two.csv: two stages, one lonely inside.
suppressMessages(library(survey))
cat("file,design,lonely,statistic,variable,by,level,estimate,se,deff,df\n")
said <- function(file, design, lonely, statistic, variable, by, level, e, deff = NA, df = NA)
  cat(paste(file, design, lonely, statistic, variable, by, level, format(unname(coef(e)), digits = 15),
            format(unname(as.vector(SE(e))), digits = 15), format(unname(deff), digits = 15), df, sep = ","), sep = "\n")
all_of <- function(file, design, lonely, des, y, x, by) {
  yf <- as.formula(paste0("~", y)); xf <- as.formula(paste0("~", x)); bf <- as.formula(paste0("~", by))
  there <- des[!is.na(des$variables[[y]]), ]; both <- there[!is.na(there$variables[[x]]), ]
  for (s in c("mean", "total")) {
    f <- get(paste0("svy", s)); e <- f(yf, des, na.rm = TRUE, deff = TRUE)
    said(file, design, lonely, s, y, "", "", e, deff(e), degf(there))
    e <- svyby(yf, bf, des, f, na.rm = TRUE, deff = TRUE)
    for (l in names(coef(e))) {
      inside <- there[there$variables[[by]] == l, ]
      one <- f(yf, inside, deff = TRUE)
      said(file, design, lonely, s, y, by, l, one, deff(one), degf(inside))
    }
  }
  e <- svyratio(yf, xf, both, deff = TRUE); said(file, design, lonely, "ratio", paste0(y, "/", x), "", "", e, deff(e), degf(both))
}
d <- read.csv("made.csv")
options(survey.lonely.psu = "adjust")
all_of("made", "elements", "adjust", svydesign(id = ~1, strata = ~st, weights = ~w, fpc = ~N, data = d), "y", "x", "dom")
all_of("made", "clusters", "adjust", svydesign(id = ~cl, strata = ~st, weights = ~w, fpc = ~Nc, data = d, nest = TRUE), "y", "x", "dom")
all_of("made", "fractions", "adjust", svydesign(id = ~1, strata = ~st, fpc = ~frac, data = d), "y", "x", "dom")
l <- read.csv("lone.csv"); l$one <- l$w / 10 + 1
for (o in c("adjust", "average", "certainty")) {
  options(survey.lonely.psu = o)
  all_of("lone", "elements", o, svydesign(id = ~1, strata = ~st, weights = ~w, fpc = ~N, data = l), "y", "w", "d")
}
t <- read.csv("two.csv")
for (o in c("adjust", "certainty")) {
  options(survey.lonely.psu = o)
  all_of("two", "stages", o, svydesign(id = ~psu + ssu, strata = ~st, weights = ~w, fpc = ~N1 + N2, data = t, nest = TRUE), "y", "w", "d")
}
options(survey.lonely.psu = "adjust")
all_of("two", "no_fpc", "adjust", svydesign(id = ~psu + ssu, strata = ~st, weights = ~w, data = t, nest = TRUE), "y", "w", "d")
