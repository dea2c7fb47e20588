"""What the sources have wrong or lack, each with its reason. Read by ``rebuild`` only."""

from __future__ import annotations

DISTRUSTED = {
    "DOID:999": "its synonyms and its MeSH reference are those of eosinophilia, a sign; hypereosinophilic syndrome is a disease",
    "DOID:1036": "gives CLL and CML as abbreviations of chronic leukemia",
}
"""Terms of the Disease Ontology whose synonyms and references are not read."""

SAME = (
    (
        "DOID:8552",
        "NCIT:C3174",
    ),  # chronic myeloid leukemia, split since DOID:0081088 names the BCR-ABL1 positive form, which all of it is
    ("DOID:0051061", "NCIT:C3390"),  # stroke is what "cerebrovascular accident" means to everybody
)
"""Entries that are one thing though no rule can see it."""

ADDED: dict[str, dict[str, tuple[str, ...]]] = {
    "condition": {
        # What people call them, and what notes abbreviate; the Italian names are ours. Not looked for in records.
        "influenza": (
            "flu",
            "influenza stagionale",
        ),
        "amyotrophic lateral sclerosis": (
            "Lou Gehrig disease",
            "Lou Gehrig's disease",
            "sclerosi laterale amiotrofica",
        ),
        "hypertension": (
            "HTN",
            "ipertensione",
            "ipertensione arteriosa",
            "pressione alta",
        ),
        "leukemia": ("leucemia",),
        "chronic myeloid leukemia": ("leucemia mieloide cronica",),
        "acute myeloid leukemia": ("leucemia mieloide acuta",),
        "acute lymphoblastic leukemia": ("leucemia linfoblastica acuta",),
        "chronic lymphocytic leukemia": ("leucemia linfatica cronica",),
        "chronic eosinophilic leukemia": ("leucemia eosinofila cronica",),
        "hypereosinophilic syndrome": ("sindrome ipereosinofila",),
        "lymphoma": ("linfoma",),
        "Hodgkin's lymphoma": ("linfoma di Hodgkin",),
        "multiple myeloma": ("mieloma multiplo",),
        "cancer": (
            "cancro",
            "tumore",
        ),
        "breast cancer": (
            "cancro al seno",
            "tumore al seno",
            "tumore della mammella",
            "carcinoma mammario",
        ),
        "lung cancer": (
            "cancro al polmone",
            "tumore al polmone",
            "tumore del polmone",
        ),
        "prostate cancer": (
            "cancro alla prostata",
            "tumore della prostata",
            "tumore alla prostata",
        ),
        "colorectal cancer": (
            "cancro del colon retto",
            "tumore del colon",
            "tumore del colon retto",
        ),
        "ovarian cancer": (
            "cancro dell'ovaio",
            "tumore dell'ovaio",
        ),
        "pancreatic cancer": (
            "cancro al pancreas",
            "tumore del pancreas",
        ),
        "stomach cancer": (
            "tumore dello stomaco",
            "cancro allo stomaco",
        ),
        "liver cancer": (
            "tumore del fegato",
            "cancro al fegato",
        ),
        "brain cancer": (
            "tumore al cervello",
            "tumore cerebrale",
        ),
        "kidney cancer": ("tumore del rene",),
        "melanoma": ("melanomi",),
        "diabetes mellitus": ("diabete",),
        "type 2 diabetes mellitus": (
            "T2DM",
            "diabete di tipo 2",
            "diabete tipo 2",
        ),
        "type 1 diabetes mellitus": (
            "T1DM",
            "diabete di tipo 1",
            "diabete tipo 1",
        ),
        "myocardial infarction": (
            "infarto",
            "infarto del miocardio",
        ),
        "congestive heart failure": ("scompenso cardiaco",),
        "heart failure": ("insufficienza cardiaca",),
        "atrial fibrillation": ("fibrillazione atriale",),
        "stroke": ("ictus",),
        "asthma": ("asma",),
        "chronic obstructive pulmonary disease": (
            "broncopneumopatia cronica ostruttiva",
            "BPCO",
        ),
        "pneumonia": ("polmonite",),
        "tuberculosis": ("tubercolosi",),
        "multiple sclerosis": ("sclerosi multipla",),
        "Parkinson's disease": (
            "morbo di Parkinson",
            "malattia di Parkinson",
        ),
        "Alzheimer's disease": (
            "morbo di Alzheimer",
            "malattia di Alzheimer",
        ),
        "epilepsy": ("epilessia",),
        "migraine": ("emicrania",),
        "dementia": ("demenza",),
        "depressive disorder": ("depressione",),
        "schizophrenia": ("schizofrenia",),
        "anxiety disorder": ("ansia",),
        "autism spectrum disorder": ("autismo",),
        "rheumatoid arthritis": ("artrite reumatoide",),
        "osteoarthritis": ("artrosi",),
        "osteoporosis": ("osteoporosi",),
        "psoriasis": ("psoriasi",),
        "systemic lupus erythematosus": ("lupus eritematoso sistemico",),
        "Crohn's disease": (
            "morbo di Crohn",
            "malattia di Crohn",
        ),
        "ulcerative colitis": ("colite ulcerosa",),
        "celiac disease": ("celiachia",),
        "liver cirrhosis": (
            "cirrosi",
            "cirrosi epatica",
        ),
        "hepatitis C": ("epatite C",),
        "hepatitis B": ("epatite B",),
        "kidney failure": ("insufficienza renale",),
        "chronic kidney disease": ("malattia renale cronica",),
        "cystic fibrosis": ("fibrosi cistica",),
        "thalassemia": ("talassemia",),
        "hemophilia": ("emofilia",),
        "anemia": ("anemie",),
        "obesity": ("obesità",),
        "sickle cell disease": (
            "anemia falciforme",
            "drepanocitosi",
        ),
        "atopic dermatitis": ("dermatite atopica",),
        "endometriosis": ("endometriosi",),
        "infertility": ("infertilità",),
        "COVID-19": ("coronavirus",),
        "glaucoma": ("glaucomi",),
        "age related macular degeneration": (
            "degenerazione maculare",
            "maculopatia",
        ),
        "sepsis": ("sepsi",),
        "muscular dystrophy": ("distrofia muscolare",),
        "spinal muscular atrophy": ("atrofia muscolare spinale",),
        "myelodysplastic syndrome": ("sindrome mielodisplastica",),
        "eosinophilia": ("eosinofilia",),
        "mastocytosis": ("mastocitosi",),
    },
    "intervention": {
        # The code names of imatinib in its first publications (Druker et al., Nat Med 1996;2:561-566).
        "Imatinib": ("STI571", "CGP57148", "CGP57148B"),
    },
}
"""Names that no source has, by kind and preferred name."""

_FUNCTION_WORDS = """
a about all an and any are arm arms as at be but by can cat does for from had has he her hot if in is it may me more most no not
of old on one or our out per ran red she so some such than that the then they this to two up us was we well who will with you
"""
_ALL_AND_NOTHING = """
disease syndrome disorder abnormality finding symptom sign death problem complication condition patient injury lesion mass
sensitivity outcome result withdrawal withdrawn regression deterioration response discharge
infection pain cold case control stage grade history normal positive negative
"""
# "Alcohol" is benzyl alcohol in one source.
_NO_DRUGS = "drug placebo water air agent compound solution plasma serum alcohol indicator reagent pen carbo protein"

NOT_NAMES: dict[str, frozenset[str]] = {
    "condition": frozenset([*_FUNCTION_WORDS.split(), *_ALL_AND_NOTHING.split(), "BCL2 Apoptosis regulator"]),
    "intervention": frozenset([*_FUNCTION_WORDS.split(), *_NO_DRUGS.split()]),
}
"""Names that mean too much to mean anything, and English words that some source has as an abbreviation."""
