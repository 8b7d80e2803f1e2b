namespace L2tpd.Radius.Client;

/// <summary>Random numbers from the host: request authenticators must not be predictable (RFC 2865 section 3).</summary>
public interface IRadiusRandom
{
    /// <summary>Fills the span from a cryptographic generator.</summary>
    void Fill(Span<byte> octets);
}
