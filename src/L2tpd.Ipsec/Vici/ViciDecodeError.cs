namespace L2tpd.Ipsec.Vici;

/// <summary>Why octets are not a VICI packet. The connection that they came from is closed.</summary>
public enum ViciDecodeError
{
    None,

    /// <summary>A name or value ends after the packet, or the packet is empty.</summary>
    Truncated,

    /// <summary>The packet's type is not one that a server sends.</summary>
    UnknownPacketType,

    /// <summary>The element's type is none of the six.</summary>
    UnknownElementType,

    /// <summary>A section is not closed, or closed twice.</summary>
    UnbalancedSection,

    /// <summary>An element is inside a list that may not be there, or a list item is outside of a list.</summary>
    MisplacedElement,

    /// <summary>Sections are nested deeper than <see cref="ViciReader.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>More elements than <see cref="ViciReader.MaxElements"/>.</summary>
    TooManyElements,
}
