using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;

namespace AuthKeep
{
    /// <summary>A system that the library knows by name: the value of the key <c>provider</c>.</summary>
    public sealed class Provider
    {
        private static readonly Lazy<IReadOnlyList<Provider>> Known = new Lazy<IReadOnlyList<Provider>>(Read);

        private Provider(UIntPtr index)
        {
            Name = Utf8.Decode(Native.authkeep_provider_name(index));
            Title = Utf8.Decode(Native.authkeep_provider_title(index));
            About = Utf8.Decode(Native.authkeep_provider_about(index));
            Needs = ReadNeeds(index);
        }

        /// <summary>Every provider that the library knows, in the order of the names.</summary>
        /// <exception cref="DllNotFoundException">There is no native library; the message says where
        /// it was looked for.</exception>
        public static IReadOnlyList<Provider> All
        {
            get
            {
                Library.Load();
                return Known.Value;
            }
        }

        /// <summary>What the key <c>provider</c> calls it, such as <c>shopware</c>.</summary>
        public string Name { get; private set; }

        /// <summary>What its vendor calls it.</summary>
        public string Title { get; private set; }

        /// <summary>A sentence on what is special; may be empty.</summary>
        public string About { get; private set; }

        /// <summary>The keys that a user must give.</summary>
        public IReadOnlyList<Need> Needs { get; private set; }

        /// <summary>The name.</summary>
        public override string ToString()
        {
            return Name;
        }

        private static IReadOnlyList<Provider> Read()
        {
            List<Provider> providers = new List<Provider>();
            ulong count = Native.authkeep_provider_count().ToUInt64();
            for (ulong index = 0; index < count; index++)
            {
                providers.Add(new Provider(new UIntPtr(index)));
            }
            return new ReadOnlyCollection<Provider>(providers);
        }

        private static IReadOnlyList<Need> ReadNeeds(UIntPtr provider)
        {
            List<Need> needs = new List<Need>();
            ulong count = Native.authkeep_provider_need_count(provider).ToUInt64();
            for (ulong index = 0; index < count; index++)
            {
                UIntPtr need = new UIntPtr(index);
                needs.Add(new Need(
                    Utf8.Decode(Native.authkeep_provider_need_key(provider, need)),
                    Utf8.Decode(Native.authkeep_provider_need_grant(provider, need)),
                    Utf8.Decode(Native.authkeep_provider_need_place(provider, need))));
            }
            return new ReadOnlyCollection<Need>(needs);
        }
    }
}
