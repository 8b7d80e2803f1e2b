using System.Runtime.CompilerServices;

// Mappers and the history's ring are tested directly.
[assembly: InternalsVisibleTo("L2tpd.Unit.Tests")]
[assembly: InternalsVisibleTo("L2tpd.Linux.Tests")]
