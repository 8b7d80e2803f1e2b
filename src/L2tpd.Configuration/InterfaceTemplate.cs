using System.Text;
using L2tpd.Engine.Calls;

namespace L2tpd.Configuration;

/// <summary>
/// Names of session interfaces: text with the placeholders <c>{peer}</c>, <c>{end-id}</c> and <c>{id}</c>, and the kernel's <c>%d</c>,
/// which becomes the next free number.
/// </summary>
public static class InterfaceTemplate
{
    /// <summary>Length of the longest name in octets (IFNAMSIZ without its final zero).</summary>
    public const int Longest = 15;

    /// <summary>The names of placeholders.</summary>
    public static readonly string[] Words = ["peer", "end-id", "id"];

    /// <summary>What is wrong with a template for every value of its placeholders; <c>null</c> if nothing is.</summary>
    public static string? Problem(string template)
    {
        var plain = template;
        foreach (var word in Words)
            plain = plain.Replace($"{{{word}}}", "x", StringComparison.Ordinal);
        if (plain.AsSpan().ContainsAny('{', '}'))
        {
            return $"`{template}` has a placeholder other than "
                + $"{string.Join(", ", Words.Select(static word => $"`{{{word}}}`"))}";
        }

        var number = plain.IndexOf("%d", StringComparison.Ordinal);
        if (plain.Count(static letter => letter == '%') > (number < 0 ? 0 : 1))
            return $"`{template}` may have one `%d` in it, and no other `%`";
        return plain.Length is > 0 and <= Longest && plain is not ("." or "..") && plain.All(IsAllowed)
            ? null
            : $"`{template}` is not an interface name: 1 to {Longest} characters without blanks, `/` or `:`";
    }

    /// <summary>Whether the name is the same for every session of a profile.</summary>
    public static bool IsFixed(string template) => !template.Replace("{peer}", "", StringComparison.Ordinal).AsSpan().ContainsAny('{', '%');

    /// <summary>Whether the name is the same for every session of a profile with one Remote End ID.</summary>
    public static bool IsFixedForEndId(string template) => IsFixed(template.Replace("{end-id}", "", StringComparison.Ordinal));

    /// <summary>The name for a session. It may be too long, because peers choose the values of placeholders.</summary>
    public static string Expand(string template, Session session)
    {
        var wire = session.Pseudowire;
        return template
            .Replace("{peer}", Clean(session.Tunnel.Profile.Name), StringComparison.Ordinal)
            .Replace("{end-id}", wire is null ? "" : Clean(TextOf(wire.RemoteEndId)), StringComparison.Ordinal)
            .Replace("{id}", session.LocalId.ToString(), StringComparison.Ordinal);
    }

    private static string TextOf(byte[] endId) => endId.AsSpan().ContainsAnyExceptInRange((byte)'!', (byte)'~')
        ? Convert.ToHexStringLower(endId)
        : Encoding.ASCII.GetString(endId);

    private static string Clean(string text) =>
        string.Concat(text.Select(static letter => IsAllowed(letter) && letter != '%' ? letter : '-'));

    private static bool IsAllowed(char letter) => letter is > ' ' and <= '~' and not ('/' or ':');
}
