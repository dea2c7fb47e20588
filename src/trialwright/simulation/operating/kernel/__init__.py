"""The compiled form of an operating-characteristics run: the protocol's expressions and policy as source for numba.

``symbols`` and ``nodes`` turn an expression into source, ``finite`` lets the evaluator itself fill a table where an expression
reads few values only, ``policy`` writes the dosing policy, ``writing`` the whole module, ``loading`` compiles and keeps it.
numba is imported only when a kernel is wanted; without it the interpreter plays, and says so.
"""
