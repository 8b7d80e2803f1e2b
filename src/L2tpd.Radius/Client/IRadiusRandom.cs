namespace L2tpd.Radius.Client;

/// <summary>Randomness from the host: request authenticators must not be predictable (RFC 2865 section 3).</summary>
public interface IRadiusRandom
{
    /// <summary>Fills with octets from a cryptographic generator.</summary>
    void Fill(Span<byte> octets);
}
