# Values of R's survival, cmprsk and stats for the tests of the estimators.
# Rscript reference_values.R tests/reference/designs | sed "s/, */,/g" > tests/reference/designs/r_estimators.csv

suppressMessages({library(survival); library(cmprsk)})
folder <- commandArgs(trailingOnly = TRUE)[1]
made <- read.csv(file.path(folder, "data_made.csv"))
lung <- read.csv(file.path(folder, "data_lung.csv"))
made$event <- made$kind > 0
made$a <- made$arm == "A"

say <- function(data, quantity, value) cat(sprintf("%s,%s,%s\n", data, quantity, format(value, digits = 15)), sep = "")
cat("dataset,quantity,value\n")
cat(sprintf("versions,R,%s.%s\nversions,survival,%s\nversions,cmprsk,%s\n", R.version$major, R.version$minor,
            packageVersion("survival"), packageVersion("cmprsk")))

for (kind in c("log", "log-log", "plain")) {
  fit <- summary(survfit(Surv(day, event) ~ 1, data = made, conf.type = kind), times = c(5, 10, 20, 30))
  for (i in seq_along(fit$time)) {
    say("made", paste("KM", kind, "lower", fit$time[i]), fit$lower[i])
    say("made", paste("KM", kind, "upper", fit$time[i]), fit$upper[i])
  }
  middle <- quantile(survfit(Surv(day, event) ~ 1, data = made, conf.type = kind), 0.5)
  say("made", paste("median", kind, c("time", "lower", "upper")), c(middle$quantile, middle$lower, middle$upper))
}
for (until in c(10, 20)) {
  fit <- summary(survfit(Surv(day, event) ~ arm, data = made), rmean = until)$table
  say("made", paste("rmean", until, c("A", "B")), fit[, grep("^.?rmean", colnames(fit))[1]])
  say("made", paste("se rmean", until, c("A", "B")), fit[, grep("^se", colnames(fit))[1]])
}

test <- function(name, formula, rho = 0, data = made) {
  found <- survdiff(formula, data = data, rho = rho)
  say("made", paste("survdiff", name, "chisq"), found$chisq)
}
test("arm", Surv(day, event) ~ arm)
test("arm rho 1", Surv(day, event) ~ arm, 1)
test("three", Surv(day, event) ~ stratum)
test("three rho 1", Surv(day, event) ~ stratum, 1)
test("arm in strata", Surv(day, event) ~ arm + strata(stratum))
test("arm in strata rho 1", Surv(day, event) ~ arm + strata(stratum), 1)

model <- function(name, ...) {
  fit <- coxph(..., data = made, control = coxph.control(eps = 1e-11, iter.max = 60))
  say("made", paste("cox", name, "coef", seq_along(coef(fit))), coef(fit))
  say("made", paste("cox", name, "se", seq_along(coef(fit))), sqrt(diag(vcov(fit))))
  say("made", paste("cox", name, "loglik0"), fit$loglik[1])
  say("made", paste("cox", name, "loglik"), fit$loglik[2])
  say("made", paste("cox", name, "score"), fit$score)
  say("made", paste("cox", name, "wald"), fit$wald.test)
  say("made", paste("cox", name, "concordance"), unname(fit$concordance["concordance"]))
}
model("efron", Surv(day, event) ~ a + age + marker)
model("breslow", Surv(day, event) ~ a + age + marker, ties = "breslow")
model("strata", Surv(day, event) ~ a + marker + strata(stratum))
model("cause 1", Surv(day, kind == 1) ~ a + marker)

made$state <- factor(made$kind, 0:2, c("censored", "one", "two"))
curve <- summary(survfit(Surv(day, state) ~ 1, data = made), times = c(5, 10, 20, 30))
for (i in seq_along(curve$time)) say("made", paste("survfit incidence", 1:2, curve$time[i]), curve$pstate[i, 2:3])
for (i in seq_along(curve$time)) say("made", paste("survfit incidence se", 1:2, curve$time[i]), curve$std.err[i, 2:3])
found <- cuminc(made$day, made$kind)
points <- timepoints(found, c(5, 10, 20, 30))
for (at in colnames(points$est)) {
  say("made", paste("cuminc", 1:2, at), points$est[, at])
  say("made", paste("cuminc variance", 1:2, at), points$var[, at])
}
gray <- cuminc(made$day, made$kind, made$arm)$Tests
say("made", paste("gray arm", 1:2, "chisq"), gray[, "stat"])
gray <- cuminc(made$day, made$kind, made$stratum)$Tests
say("made", paste("gray three", 1:2, "chisq"), gray[, "stat"])

say("table", "freeman-halton 3 1 2 2 4 0", fisher.test(matrix(c(3, 1, 2, 2, 4, 0), ncol = 2, byrow = TRUE))$p.value)
say("table", "freeman-halton 5 2 1 0 3 6", fisher.test(matrix(c(5, 2, 1, 0, 3, 6), ncol = 3, byrow = TRUE))$p.value)
tea <- fisher.test(matrix(c(7, 12, 0, 5), ncol = 2), conf.level = 0.9)
say("table", "fisher 7 0 12 5 p", tea$p.value)
say("table", "fisher 7 0 12 5 low", tea$conf.int[1])
odds <- fisher.test(matrix(c(9, 2, 11, 18), ncol = 2))
say("table", paste("fisher 9 11 2 18", c("p", "odds", "low", "high")), c(odds$p.value, odds$estimate, odds$conf.int))
for (x in c(0, 3, 10)) say("table", paste("binom", x, "17", c("low", "high")), binom.test(x, 17, conf.level = 0.99)$conf.int)
say("table", paste("poisson 4 12.5", c("low", "high")), poisson.test(4, 12.5)$conf.int)
