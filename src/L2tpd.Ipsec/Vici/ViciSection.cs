namespace L2tpd.Ipsec.Vici;

/// <summary>
/// A section of a VICI message: keys with values, lists and sections, in the order of the message. The message itself is the root section.
/// A name that occurs twice keeps its first meaning.
/// </summary>
public sealed class ViciSection
{
    private readonly List<(string Name, object Content)> _entries = [];

    /// <summary>Number of keys, lists and sections.</summary>
    public int Count => _entries.Count;

    /// <summary>The sections in this one, with their names.</summary>
    public IEnumerable<(string Name, ViciSection Section)> Sections
    {
        get
        {
            foreach (var (name, content) in _entries)
            {
                if (content is ViciSection section)
                    yield return (name, section);
            }
        }
    }

    /// <summary>Keys with text (<see cref="string"/>) or octets, lists (<see cref="IReadOnlyList{T}"/> of text) and sections.</summary>
    public IReadOnlyList<(string Name, object Content)> Entries => _entries;

    /// <summary>The value of a key; <c>null</c> if it is absent.</summary>
    public string? Value(string name) => Find(name) as string;

    /// <summary>The items of a list; empty if it is absent.</summary>
    public IReadOnlyList<string> Items(string name) => Find(name) as IReadOnlyList<string> ?? [];

    /// <summary>The section of that name; <c>null</c> if it is absent.</summary>
    public ViciSection? Section(string name) => Find(name) as ViciSection;

    /// <summary>Whether the key has the value <c>yes</c>, the only one that strongSwan writes for true.</summary>
    public bool IsSet(string name) => Value(name) == "yes";

    /// <summary>Adds a key. Returns this section.</summary>
    public ViciSection Add(string name, string value)
    {
        _entries.Add((name, value));
        return this;
    }

    /// <summary>Adds a key whose value is not text, or not UTF-8: a shared secret. Returns this section.</summary>
    public ViciSection Add(string name, byte[] value)
    {
        _entries.Add((name, value));
        return this;
    }

    /// <summary>Adds a list. Returns this section.</summary>
    public ViciSection Add(string name, IReadOnlyList<string> items)
    {
        _entries.Add((name, items));
        return this;
    }

    /// <summary>Adds a section. Returns this section, not the added one.</summary>
    public ViciSection Add(string name, ViciSection section)
    {
        _entries.Add((name, section));
        return this;
    }

    private object? Find(string name)
    {
        foreach (var (entry, content) in _entries)
        {
            if (entry == name)
                return content;
        }

        return null;
    }
}
