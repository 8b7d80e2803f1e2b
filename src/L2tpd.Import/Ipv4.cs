using System.Globalization;

namespace L2tpd.Import;

/// <summary>IPv4 addresses as numbers in host order.</summary>
internal static class Ipv4
{
    /// <summary>Four decimal numbers.</summary>
    public static bool TryRead(string text, out uint address)
    {
        address = 0;
        var parts = text.Split('.');
        if (parts.Length != 4)
            return false;
        foreach (var part in parts)
        {
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var octet))
                return false;
            address = (address << 8) | octet;
        }

        return true;
    }

    /// <summary>An address that a host can have.</summary>
    public static bool TryReadHost(string text, out uint address) =>
        TryRead(text, out address) && address >> 24 is > 0 and < 224 and not 127;

    /// <summary>
    /// <c>a.b.c.d</c>, <c>a.b.c.d-e.f.g.h</c> or <c>a.b.c.d-h</c>, where the last numbers replace those of the first address.
    /// </summary>
    public static bool TryReadRange(string text, out uint first, out uint last)
    {
        var ends = text.Split('-', 2, StringSplitOptions.TrimEntries);
        last = 0;
        if (!TryRead(ends[0], out first))
            return false;
        last = first;
        if (ends.Length == 1)
            return true;
        var fields = ends[1].Split('.');
        var start = ends[0].Split('.');
        return fields.Length <= 4 && TryRead(string.Join('.', [.. start[..(4 - fields.Length)], .. fields]), out last) && last >= first;
    }

    /// <summary><c>a.b.c.d/n</c> as a range, or one of the forms of <see cref="TryReadRange"/>.</summary>
    public static bool TryReadPrefixOrRange(string text, out uint first, out uint last)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return TryReadRange(text, out first, out last);
        last = 0;
        if (!TryRead(text[..slash], out first)
            || !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > 32)
        {
            return false;
        }

        var mask = length == 0 ? 0 : uint.MaxValue << (32 - length);
        (first, last) = (first & mask, (first & mask) | ~mask);
        return true;
    }

    /// <summary>Of 127.0.0.0/8.</summary>
    public static bool IsLoopback(string text) => TryRead(text, out var address) && address >> 24 == 127;

    /// <summary>The address of a server: of a host, or of this one.</summary>
    public static bool TryReadServer(string text, out string address)
    {
        address = text;
        return TryReadHost(text, out _) || IsLoopback(text);
    }

    public static string Write(uint address) => string.Create(
        CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");
}
