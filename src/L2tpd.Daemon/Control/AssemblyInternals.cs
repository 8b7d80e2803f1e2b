using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("L2tpd.Unit.Tests")]
[assembly: InternalsVisibleTo("L2tpd.Linux.Tests")]
[assembly: InternalsVisibleTo("L2tpd.TestKit")]
[assembly: InternalsVisibleTo("L2tpd.Attack.Tests")]
