# Milliseconds of processor time of R survival's estimators on the rows of a file of doubles (time, event, arm, two covariates).
# Rscript survival_estimators.R FILE ROWS CALLS

suppressMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
rows <- as.numeric(arguments[2])
calls <- as.numeric(arguments[3])
values <- matrix(readBin(arguments[1], "double", 5 * rows), nrow = rows)
time <- values[, 1]; seen <- values[, 2] == 1; arm <- values[, 3]; two <- values[, 4]; three <- values[, 5]

say <- function(name, work) {
  work()
  spent <- system.time(for (call in seq_len(calls)) work())
  cat(name, sum(spent[c("user.self", "sys.self")]) / calls * 1000, sep = "\t")
  cat("\n")
}
say("Kaplan-Meier by arm with log-rank", function() {
  survfit(Surv(time, seen) ~ arm, conf.type = "log-log")
  survdiff(Surv(time, seen) ~ arm)
})
say("Kaplan-Meier of all", function() survfit(Surv(time, seen) ~ 1, conf.type = "log-log"))
say("log-rank", function() survdiff(Surv(time, seen) ~ arm))
say("Cox, arm", function() coxph(Surv(time, seen) ~ arm))
say("Cox, three covariates", function() coxph(Surv(time, seen) ~ arm + two + three))
cat("R\t", R.version$major, ".", R.version$minor, "\n", sep = "")
cat("survival\t", format(packageVersion("survival")), "\n", sep = "")
