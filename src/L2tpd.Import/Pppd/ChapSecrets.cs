namespace L2tpd.Import.Pppd;

/// <summary>pppd's chap-secrets, as far as an import looks into it.</summary>
internal static class ChapSecrets
{
    /// <summary>The password by which we authenticate ourselves to a peer; <c>null</c> if the file has none.</summary>
    /// <param name="text">The file.</param>
    /// <param name="user">Our name.</param>
    /// <param name="peer">The peer's name; <c>null</c> if it is not known: the first line for the user counts.</param>
    public static string? PasswordOf(string text, string user, string? peer)
    {
        var lines = Words.Read(text).GroupBy(static word => word.Line).Select(static line => line.ToArray())
            .Where(static line => line.Length >= 3);
        string? found = null;
        foreach (var line in lines)
        {
            var isServer = peer is null || line[1].Text == peer || line[1].Text == "*";
            if (!isServer || (line[0].Text != user && line[0].Text != "*") || line[2].Text.StartsWith('@'))
                continue;
            // A line that names the user counts more than one for all.
            if (line[0].Text == user)
                return line[2].Text;
            found ??= line[2].Text;
        }

        return found;
    }
}
