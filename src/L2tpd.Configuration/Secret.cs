using System.Text;

namespace L2tpd.Configuration;

/// <summary>A shared secret or password, which no log line, error or debugger text shows.</summary>
public sealed class Secret
{
    /// <summary>
    /// Stands for a secret that was configured but could not be read, so that its absence causes no further errors. Never used for a peer.
    /// </summary>
    internal static readonly Secret Unread = new("?"u8.ToArray());

    private readonly byte[] _octets;

    public Secret(byte[] octets) => _octets = octets;

    public Secret(string text) => _octets = Encoding.UTF8.GetBytes(text);

    /// <summary>The secret itself. Pass it on, never print it.</summary>
    public byte[] Reveal() => [.. _octets];

    /// <summary>The secret itself as text (UTF-8). Pass it on, never print it.</summary>
    public string RevealText() => Encoding.UTF8.GetString(_octets);

    public override string ToString() => "***";
}
