using L2tpd.Access;

namespace L2tpd.Configuration;

/// <summary>Compares PPP profiles by content, including arrays and secrets.</summary>
public static class PppProfileComparison
{
    public static bool HasSameContent(this PppProfile one, PppProfile other) =>
        one == other with
        {
            Password = one.Password, Pool = one.Pool, Dns = one.Dns, Nbns = one.Nbns,
            Authentication = one.Authentication, Users = one.Users, Options = one.Options,
            IPv6Dns = one.IPv6Dns, IPv6Search = one.IPv6Search, Inform = one.Inform,
        }
        && (one.Password?.Reveal() ?? []).AsSpan().SequenceEqual(other.Password?.Reveal() ?? [])
        && (one.Password is null) == (other.Password is null)
        && one.Pool.SequenceEqual(other.Pool)
        && one.Dns.SequenceEqual(other.Dns)
        && one.Nbns.SequenceEqual(other.Nbns)
        && one.IPv6Dns.SequenceEqual(other.IPv6Dns)
        && one.IPv6Search.SequenceEqual(other.IPv6Search)
        && (one.Inform is null) == (other.Inform is null)
        && one.Inform?.Domain == other.Inform?.Domain
        && (one.Inform?.Routes ?? []).SequenceEqual(other.Inform?.Routes ?? [])
        && one.Authentication.SequenceEqual(other.Authentication)
        && one.Options.SequenceEqual(other.Options)
        && one.Users.Length == other.Users.Length
        && one.Users.Zip(other.Users).All(static pair => IsSame(pair.First, pair.Second));

    private static bool IsSame(SecretEntry one, SecretEntry other) =>
        one == other with { Addresses = one.Addresses, Routes = one.Routes, Filters = one.Filters, Line = one.Line }
        && one.Addresses.SequenceEqual(other.Addresses) && one.Routes.SequenceEqual(other.Routes)
        && one.Filters.SequenceEqual(other.Filters);
}
