using System;
using System.Collections;
using System.Collections.Generic;

namespace AuthKeep
{
    /// <summary>
    /// The header lines of a response, names in lower case, in the order in which they came. Looked up
    /// by name in any case of letters.
    /// </summary>
    public sealed class Headers : IEnumerable<KeyValuePair<string, string>>
    {
        private readonly List<KeyValuePair<string, string>> lines = new List<KeyValuePair<string, string>>();

        internal Headers(ResponseHandle response)
        {
            ulong count = Native.authkeep_response_header_count(response).ToUInt64();
            for (ulong i = 0; i < count; i++)
            {
                UIntPtr index = new UIntPtr(i);
                lines.Add(new KeyValuePair<string, string>(
                    Utf8.Read(response, handle => Native.authkeep_response_header_name(handle, index)),
                    Utf8.Read(response, handle => Native.authkeep_response_header_value(handle, index))));
            }
        }

        /// <summary>The number of header lines.</summary>
        public int Count
        {
            get { return lines.Count; }
        }

        /// <summary>The first value of a name, or null if there is none.</summary>
        public string this[string name]
        {
            get
            {
                foreach (KeyValuePair<string, string> line in lines)
                {
                    if (IsOf(line, name))
                    {
                        return line.Value;
                    }
                }
                return null;
            }
        }

        /// <summary>Every value of a name, in the order received.</summary>
        public string[] GetValues(string name)
        {
            List<string> values = new List<string>();
            foreach (KeyValuePair<string, string> line in lines)
            {
                if (IsOf(line, name))
                {
                    values.Add(line.Value);
                }
            }
            return values.ToArray();
        }

        /// <summary>The lines, one after another.</summary>
        public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
        {
            return lines.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }

        /// <summary>The names; values may be cookies.</summary>
        public override string ToString()
        {
            string[] names = new string[lines.Count];
            for (int i = 0; i < names.Length; i++)
            {
                names[i] = lines[i].Key;
            }
            return "AuthKeep.Headers " + string.Join(", ", names);
        }

        private static bool IsOf(KeyValuePair<string, string> line, string name)
        {
            return string.Equals(line.Key, name, StringComparison.OrdinalIgnoreCase);
        }
    }
}
