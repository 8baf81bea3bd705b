mail-failed = O seu correio não está acessível neste momento.
