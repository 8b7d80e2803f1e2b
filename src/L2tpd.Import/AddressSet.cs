using System.Globalization;
using System.Numerics;

namespace L2tpd.Import;

/// <summary>A set of IPv4 addresses, made of ranges that are added and removed in the order of a file.</summary>
internal sealed class AddressSet
{
    // What a pool of built-in PPP takes.
    private const long LargestRange = 1 << 24;

    private readonly List<(uint First, uint Last)> _ranges = [];

    public bool IsEmpty => _ranges.Count == 0;

    public uint First => _ranges[0].First;

    public bool Contains(uint address) => _ranges.Exists(range => address >= range.First && address <= range.Last);

    public bool Overlaps(uint first, uint last) => _ranges.Exists(range => range.First <= last && range.Last >= first);

    /// <summary>The parts of the set between two addresses.</summary>
    public IReadOnlyList<(uint First, uint Last)> Within(uint first, uint last) =>
    [
        .. _ranges.Where(range => range.First <= last && range.Last >= first)
            .Select(range => (Math.Max(range.First, first), Math.Min(range.Last, last))),
    ];

    public void Add(uint first, uint last)
    {
        Remove(first, last);
        var at = _ranges.FindIndex(range => range.First > last);
        _ranges.Insert(at < 0 ? _ranges.Count : at, (first, last));
    }

    public void Remove(uint first, uint last)
    {
        for (var i = _ranges.Count - 1; i >= 0; i--)
        {
            var range = _ranges[i];
            if (range.Last < first || range.First > last)
                continue;
            _ranges.RemoveAt(i);
            if (range.Last > last)
                _ranges.Insert(i, (last + 1, range.Last));
            if (range.First < first)
                _ranges.Insert(i, (range.First, first - 1));
        }
    }

    /// <summary>Removes what no host can have: of 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0 and above.</summary>
    public void RemoveImpossible()
    {
        Remove(0, 0x00ff_ffff);
        Remove(0x7f00_0000, 0x7fff_ffff);
        Remove(0xe000_0000, uint.MaxValue);
    }

    /// <summary>The ranges, neighbours joined, of a /8 at most: <c>a-b</c>, or one address.</summary>
    public IEnumerable<string> Ranges() => Joined().SelectMany(Parts).Select(static range =>
        range.First == range.Last ? Ipv4.Write(range.First) : $"{Ipv4.Write(range.First)}-{Ipv4.Write(range.Last)}");

    /// <summary>The fewest prefixes of exactly these addresses.</summary>
    public IEnumerable<string> Prefixes()
    {
        foreach (var (from, to) in Joined())
        {
            long first = from;
            while (first <= to)
            {
                var size = first == 0 ? 1L << 32 : first & -first;
                while (size > to - first + 1)
                    size >>= 1;
                var length = 32 - BitOperations.Log2((ulong)size);
                yield return length == 32
                    ? Ipv4.Write((uint)first)
                    : string.Create(CultureInfo.InvariantCulture, $"{Ipv4.Write((uint)first)}/{length}");
                first += size;
            }
        }
    }

    private static IEnumerable<(uint First, uint Last)> Parts((uint First, uint Last) range)
    {
        for (long first = range.First; first <= range.Last; first += LargestRange)
            yield return ((uint)first, (uint)Math.Min(first + LargestRange - 1, range.Last));
    }

    private List<(uint First, uint Last)> Joined()
    {
        List<(uint First, uint Last)> joined = [];
        foreach (var range in _ranges)
        {
            if (joined.Count > 0 && joined[^1].Last + 1L == range.First)
                joined[^1] = (joined[^1].First, range.Last);
            else
                joined.Add(range);
        }

        return joined;
    }
}
