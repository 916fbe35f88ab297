# XML page by page as fhircrackr reads it: POST _search, XPath; argument: base URL, as in test_clients.py.
# https://github.com/POLAR-fhiR/fhircrackr
library(httr)
library(xml2)

base <- commandArgs(trailingOnly = TRUE)[1]
xml <- add_headers(Accept = "application/fhir+xml")

crack <- function(type, search) {
  bundles <- list()
  answer <- POST(paste0(base, "/", type, "/_search"), xml, body = search, encode = "form")
  repeat {
    stop_for_status(answer)
    bundle <- xml_ns_strip(read_xml(content(answer, "raw")))
    bundles <- c(bundles, list(bundle))
    following <- xml_attr(xml_find_first(bundle, "link[relation/@value='next']/url"), "value")
    if (is.na(following)) return(bundles)
    answer <- GET(following, xml)
  }
}

bundles <- crack("Patient", list(family = "Page", `_count` = "10", `_sort` = "birthdate"))
stopifnot(identical(sapply(bundles, function(b) length(xml_find_all(b, "entry"))), c(10L, 10L, 5L)))
people <- do.call(rbind, lapply(bundles, function(bundle) {
  patient <- xml_find_all(bundle, "entry/resource/Patient")
  data.frame(
    id = xml_attr(xml_find_first(patient, "id"), "value"),
    birth = xml_attr(xml_find_first(patient, "birthDate"), "value")
  )
}))
stopifnot(nrow(people) == 25, !anyDuplicated(people$id), !is.unsorted(people$birth))

statement <- xml_ns_strip(read_xml(content(GET(paste0(base, "/metadata"), xml), "raw")))
stopifnot(xml_attr(xml_find_first(statement, "fhirVersion"), "value") == "4.0.1")
