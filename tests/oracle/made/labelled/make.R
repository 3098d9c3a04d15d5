# Rscript make.R: one small table as .sav, .zsav and .dta with labels, declared missing values, dates, text (R haven)
library(haven)
set.seed(1); n <- 60
d <- data.frame(kind = labelled(rep(1:3, 20), c("Sở" = 1, "Huyện" = 2, "Xã" = 3), label = "Loại đơn vị"), w = rep(c(2, 4, 8), 20))
d$q1 <- labelled_spss(sample(c(1:5, -9), n, TRUE), c("Rất không hài lòng" = 1, "Khác" = 2, "Khác" = 3, "Rất hài lòng" = 5, "KTL" = -9), na_values = -9)
attr(d$q1, "label") <- "Mức độ hài lòng chung"
d$day <- as.Date("2026-01-01") + rep(0:1, 30)
d$name <- rep(c("Đắk Lắk", "", "Lâm Đồng"), 20)
write_sav(d, "small.sav"); write_sav(d, "small.zsav", compress = "zsav")
d$q1 <- labelled(as.numeric(ifelse(d$q1 == -9, NA, d$q1)), c("Rất không hài lòng" = 1, "Khác" = 2, "Khác" = 3, "Rất hài lòng" = 5), label = "Mức độ hài lòng chung")
write_dta(d, "small.dta")
